//! The description of the API, generated from the handlers.

use crate::app::App;
use axum::Json;
use axum::extract::Extension;
use std::sync::Arc;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::openapi::{InfoBuilder, OpenApi, OpenApiBuilder, SecurityRequirement};

/// Name of the security scheme in the description.
const SESSION: &str = "session";

/// What every route has in common: signed in, unless a route says otherwise.
pub fn beginning(app: &App) -> OpenApi {
    let cookie = crate::session::cookie_name(&app.config);
    let mut description = OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Satchel")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some("Bodies are described in shared/src/api; failures are RFC 9457 problems."))
                .build(),
        )
        .security(Some([SecurityRequirement::new(SESSION, Vec::<String>::new())]))
        .build();
    description
        .components
        .get_or_insert_default()
        .add_security_scheme(SESSION, SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(cookie))));
    description
}

/// Takes out the handlers' names: they repeat from file to file, and the standard wants each once.
pub fn without_handler_names(mut description: OpenApi) -> OpenApi {
    for item in description.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete];
        for operation in operations.into_iter().filter_map(Option::as_mut) {
            operation.operation_id = None;
        }
    }
    description
}

/// This description.
#[utoipa::path(get, path = "/api/openapi.json", tag = "operations", security(()),
    responses((status = 200, description = "OpenAPI 3.1")))]
pub async fn show(Extension(description): Extension<Arc<OpenApi>>) -> Json<OpenApi> {
    Json((*description).clone())
}
