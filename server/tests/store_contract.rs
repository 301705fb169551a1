//! What the store promises, whatever database it is: each promise is a function, and a macro runs all on each database.

#[path = "store/people.rs"]
mod people;

use satchel::store::{SqliteStore, Store};

/// A promise takes any store. Adding a database is one more line in `on_every_database!`.
macro_rules! on_every_database {
    ($($module:ident :: { $($promise:ident),* $(,)? }),* $(,)?) => {
        mod sqlite {
            $($(
                #[tokio::test]
                async fn $promise() {
                    let folder = tempfile::tempdir().expect("a folder");
                    let url = format!("sqlite://{}/satchel.db", folder.path().display());
                    let store = super::SqliteStore::open(&url).await.expect("a database");
                    crate::$module::$promise(&store as &dyn super::Store).await;
                }
            )*)*
        }
    };
}

on_every_database! {
    people::{
        a_pharmacy_is_found_by_its_code_and_by_its_dos_ids,
        two_pharmacies_never_share_a_dos_id,
        an_invitation_is_used_once_or_not_at_all,
        an_expired_invitation_enrols_nobody_and_is_not_used_up,
        a_failed_enrolment_leaves_the_invitation,
        a_passkey_is_one_persons,
        a_use_renews_the_passkeys_counter,
        the_last_passkey_stays,
        a_device_made_known_twice_is_one_device,
        a_device_never_changes_its_pharmacy,
        a_revoked_device_stays_revoked_and_its_sessions_end,
        an_old_signing_key_is_still_known,
        a_nonce_keeps_the_time_it_was_first_given_out,
        a_session_ends_at_its_time,
        ending_a_persons_sessions_leaves_the_others,
        what_has_expired_is_forgotten,
        an_audit_log_is_one_pharmacys_newest_first,
    },
}
