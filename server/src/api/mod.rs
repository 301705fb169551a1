//! The whole route table, and what surrounds every route.

mod access;
mod activity;
mod adaptor;
mod audit;
mod bars;
mod body;
mod cis2;
mod contact_limit;
mod deliveries;
mod device_key;
mod devices;
mod directory;
mod enrolment;
mod exports;
mod health;
mod invitations;
mod itk;
mod limits;
mod medicines;
pub mod metrics;
mod openapi;
mod organisations;
mod passkeys;
mod patients;
mod people;
mod places;
mod practice_routes;
mod prescriptions;
mod quarantine;
mod recovery;
mod responsible;
mod session;
mod standing;
mod supplies;
mod sync;
mod waiting;
mod workplace;

pub use access::{Needs, ROUTES};
pub use body::Body;

use crate::app::App;
use crate::problem::Problem;
use crate::static_files;
use axum::extract::{DefaultBodyLimit, Extension, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use axum::{Router, extract::State};
use std::sync::Arc;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate as _, SizeAbove};
use tower_http::csrf::CsrfLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// More than any JSON body here needs; sync and intake set their own.
const LARGEST_JSON: usize = 64 * 1024;
/// Bytes of an answer that travel together in any network, headers aside.
const ONE_PACKET: u64 = 1024;
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Everything the server answers to.
pub fn router(app: App) -> Router {
    let tries = OpenApiRouter::new()
        .routes(routes!(session::start))
        .routes(routes!(device_key::enrol))
        .routes(routes!(device_key::start))
        .routes(routes!(device_key::finish))
        .routes(routes!(session::finish))
        .routes(routes!(cis2::start))
        .routes(routes!(cis2::callback))
        .routes(routes!(recovery::standing))
        .routes(routes!(enrolment::look))
        .routes(routes!(enrolment::start))
        .routes(routes!(enrolment::finish))
        .routes(routes!(enrolment::join));
    let people = OpenApiRouter::new()
        .routes(routes!(session::show, session::end))
        .routes(routes!(cis2::end))
        .routes(routes!(workplace::work_at))
        .routes(routes!(passkeys::list))
        .routes(routes!(passkeys::start))
        .routes(routes!(passkeys::finish))
        .routes(routes!(passkeys::rename, passkeys::remove))
        .routes(routes!(invitations::create, invitations::list))
        .routes(routes!(invitations::withdraw))
        .routes(routes!(deliveries::list))
        .routes(routes!(deliveries::retry))
        .routes(routes!(deliveries::next_way))
        .routes(routes!(deliveries::done))
        .routes(routes!(practice_routes::list))
        .routes(routes!(practice_routes::set))
        .routes(routes!(waiting::list))
        .routes(routes!(waiting::show))
        .routes(routes!(waiting::original))
        .routes(routes!(waiting::settle))
        .routes(routes!(contact_limit::set))
        .routes(routes!(audit::search))
        .routes(routes!(audit::export))
        .routes(routes!(audit::from_device))
        .routes(routes!(people::list))
        .routes(routes!(patients::look_up))
        .routes(routes!(medicines::show))
        .routes(routes!(medicines::core))
        .routes(routes!(medicines::full))
        .routes(routes!(medicines::replaced))
        .routes(routes!(supplies::earlier))
        .routes(routes!(supplies::register))
        .routes(routes!(supplies::recall))
        .routes(routes!(supplies::tokens))
        .routes(routes!(activity::dashboard))
        .routes(routes!(activity::month, activity::tell))
        .routes(routes!(activity::evidence))
        .routes(routes!(activity::it_failure))
        .routes(routes!(exports::list))
        .routes(routes!(exports::file))
        .routes(routes!(places::search))
        .routes(routes!(places::propose))
        .routes(routes!(prescriptions::search))
        .routes(routes!(prescriptions::exemption))
        .routes(routes!(organisations::list))
        .routes(routes!(organisations::area))
        .routes(routes!(organisations::show))
        .routes(routes!(people::remove))
        .routes(routes!(people::set_access))
        .routes(routes!(responsible::name))
        .routes(routes!(standing::own))
        .routes(routes!(standing::of_person))
        .routes(routes!(standing::withdraw_evidence))
        .routes(routes!(standing::withdraw_authorisation))
        .routes(routes!(standing::evidence_file))
        .routes(routes!(standing::authorisation_file))
        .routes(routes!(quarantine::list))
        .routes(routes!(quarantine::close_branch))
        .routes(routes!(quarantine::show))
        .routes(routes!(quarantine::release))
        .routes(routes!(quarantine::close))
        .routes(routes!(recovery::vault_key))
        .routes(routes!(directory::list))
        .routes(routes!(directory::put, directory::remove))
        .routes(routes!(directory::test))
        .routes(routes!(directory::confirm))
        .routes(routes!(devices::list))
        .routes(routes!(devices::register, devices::revoke))
        .routes(routes!(devices::rename))
        .routes(routes!(devices::unsent))
        .merge(limits::few_tries(&app, tries))
        .layer(DefaultBodyLimit::max(LARGEST_JSON));
    let logs = limits::few_tries(&app, OpenApiRouter::new().routes(routes!(recovery::log)))
        .layer(DefaultBodyLimit::max(recovery::LARGEST_LOG));
    let papers = OpenApiRouter::new()
        .routes(routes!(standing::evidence, standing::file_evidence))
        .routes(routes!(standing::authorisations, standing::file_authorisation))
        .layer(DefaultBodyLimit::max(standing::LARGEST_FILING));
    let books = OpenApiRouter::new()
        .routes(routes!(directory::import))
        .layer(DefaultBodyLimit::max(crate::directory::LARGEST_FILE));
    let records = OpenApiRouter::new()
        .routes(routes!(sync::push))
        .routes(routes!(sync::pull))
        .routes(routes!(sync::document))
        .routes(routes!(sync::heads))
        .routes(routes!(sync::live))
        .layer(DefaultBodyLimit::max(sync::LARGEST_PUSH));
    // From CIS2 itself, which has neither cookie nor Origin.
    let from_cis2 = OpenApiRouter::new()
        .routes(routes!(cis2::backchannel_logout))
        .layer(DefaultBodyLimit::max(LARGEST_JSON));
    let from_adaptor = OpenApiRouter::new()
        .routes(routes!(adaptor::report))
        .layer(DefaultBodyLimit::max(crate::intake::itk111::MAX_BODY));
    let from_browsers = ServiceBuilder::new()
        .layer(own_website_only(&app))
        .layer(from_fn(never_cached))
        .layer(from_fn(crate::session::busy_store_as_busy))
        .layer(crate::session::layer(&app));
    let (routes, description) = OpenApiRouter::with_openapi(openapi::beginning(&app))
        .merge(people)
        .merge(records)
        .merge(papers)
        .merge(books)
        .merge(logs)
        .layer(from_browsers)
        .merge(from_cis2)
        .routes(routes!(cis2::keys))
        .routes(routes!(itk::report))
        .merge(from_adaptor)
        .routes(routes!(bars::process_message))
        .routes(routes!(bars::metadata))
        .routes(routes!(bars::definitions))
        .routes(routes!(bars::search))
        .routes(routes!(bars::show))
        .route("/bars/{*rest}", any(bars::not_implemented))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(metrics::show))
        .routes(routes!(openapi::show))
        .split_for_parts();

    let description = openapi::without_handler_names(description);
    let mut routes = routes.layer(Extension(Arc::new(description)));
    if let Some(simulators) = &app.simulators {
        routes = routes.merge(simulators.clone().with_state(()));
    }
    let around = ServiceBuilder::new()
        .layer(from_fn(named))
        .layer(from_fn(metrics::observe))
        .layer(from_fn_with_state(app.clone(), static_files::guarded))
        .layer(
            CompressionLayer::new().compress_when(
                // Sync frames are packed already, and what fits into one network packet is sent no sooner for it.
                DefaultPredicate::new()
                    .and(SizeAbove::new(ONE_PACKET))
                    .and(NotForContentType::const_new("application/octet-stream")),
            ),
        )
        .layer(from_fn(itk::failures_as_faults))
        .layer(from_fn_with_state(app.clone(), bars::around))
        .layer(CatchPanicLayer::custom(|_| panicked()))
        .layer(from_fn(limits::in_time));
    routes
        .method_not_allowed_fallback(|| async { Problem::MethodNotAllowed })
        .fallback(fallback)
        .layer(around)
        .with_state(app)
}

/// The web app, or a problem where no page is meant.
async fn fallback(State(app): State<App>, request: Request) -> Response {
    static_files::serve(&app, request).await
}

/// Requests that change something come from our own pages: other websites cannot ride on a cookie.
fn own_website_only(
    app: &App,
) -> CsrfLayer<impl Fn(tower_http::csrf::ProtectionError) -> Response + Clone + use<>> {
    CsrfLayer::new()
        .add_trusted_origin(app.config.origin_text())
        .expect("the origin was checked when the settings were read")
        .with_rejection_response(|_| Problem::ForeignOrigin.into_response())
}

/// What the API says is about one person at one moment.
async fn never_cached(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Gives each request a name, in the log and in the answer. A name sent from outside is not believed; only a sender of
/// BaRS is answered by its own.
async fn named(mut request: Request, next: Next) -> Response {
    bars::keep_name(&mut request);
    let id = HeaderValue::from_str(&Uuid::new_v4().simple().to_string()).expect("digits and letters");
    request.headers_mut().insert(REQUEST_ID, id.clone());
    let mut response = next.run(request).await;
    response.headers_mut().entry(REQUEST_ID).or_insert(id);
    response
}

/// The name [`named`] gave this request.
fn request_id(headers: &HeaderMap) -> String {
    headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned()
}

/// What the panic said may hold patient data, so it is not looked at (`cli::serve` logs where it happened).
fn panicked() -> Response {
    Problem::internal("a handler panicked").into_response()
}
