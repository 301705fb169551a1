//! The `satchel` command.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    satchel::cli::main().await
}
