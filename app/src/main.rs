//! Mounts the app on the page, or serves the page as its records worker; nothing else.

fn main() {
    if app::worker::is_worker() {
        app::worker::serve();
        return;
    }
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(app::app::App);
}
