//! Promises that every database keeps to its callers: one list, run on SQLite and on PostgreSQL.

mod activity;
mod audit;
mod bars;
mod cis2;
mod cursor;
#[path = "../support/databases.rs"]
mod databases;
mod directory;
mod dmd;
mod moving;
mod news;
mod outbox;
mod people;
mod proofs;
mod records;
mod standing;
mod supplies;
mod tracing;
mod waiting;

use databases::TestDatabase;
use sqlx::postgres::PgPool;

/// Connections beside the store's, to look behind it or to disturb it.
async fn beside(database: &TestDatabase) -> PgPool {
    PgPool::connect(&database.url).await.expect("PostgreSQL answers")
}

/// Each promise is a function over `&Arc<dyn Store>`, called with a database of its own.
macro_rules! promises {
    ($($part:ident { $($promise:ident),+ $(,)? })+) => {
        mod sqlite {
            $($(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                let database = crate::databases::sqlite();
                crate::$part::$promise(&database.open().await).await;
            })+)+
        }

        mod postgres {
            $($(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                let Some(database) = crate::databases::postgres().await else { return };
                crate::$part::$promise(&database.open().await).await;
            })+)+
        }
    };
}

promises!(
    records {
        numbers_have_no_gaps_however_many_write_at_once,
        an_append_that_fails_leaves_nothing_and_takes_no_number,
        one_that_fails_leaves_those_beside_it,
        edits_of_many_records_at_once_keep_each_what_is_its_own,
        of_many_edits_upon_one_state_one_is_stored,
        one_message_makes_one_consultation_when_two_copies_race,
        the_log_is_paged_in_order_and_leaves_nothing_out,
        a_pharmacy_reads_only_its_own,
        a_new_base_takes_the_place_of_the_changes,
        a_fact_once_written_stands,
        a_patients_records_are_found_by_the_number_they_have_now,
    }
    people {
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
        a_session_is_told_with_who_its_person_is_today,
        what_has_expired_is_forgotten,
        an_audit_log_is_one_pharmacys_newest_first,
    }
    audit {
        a_log_is_one_chain_however_many_write_at_once,
        an_event_told_twice_is_one_line,
        the_log_is_searched_by_what_an_auditor_knows,
        an_append_and_what_the_log_says_of_it_are_stored_together,
        an_export_that_pages_leaves_nothing_out,
    }
    cis2 {
        a_subject_is_one_person_for_ever,
        a_number_of_somebody_who_works_or_worked_there_makes_nobody_new,
        a_logout_ends_what_is_not_newer_and_the_sessions_it_began,
        one_renews_at_a_time_and_a_turn_ends_by_itself,
        a_logout_token_counts_once_and_what_is_over_is_forgotten,
    }
    proofs {
        proofs_come_with_their_part_of_the_log_and_once,
        a_challenge_stays_with_the_receipt_that_answered_it_first,
        what_is_set_aside_is_settled_once_and_kept,
        a_removed_person_is_remembered_with_what_they_were,
    }
    standing {
        access_ends_at_its_time_and_can_be_extended,
        a_link_not_used_is_listed_and_can_be_withdrawn_once,
        what_is_withdrawn_is_kept_and_no_longer_counts,
        one_pharmacist_is_responsible_at_a_time_and_the_others_are_remembered,
        a_name_that_was_given_to_a_device_outlives_the_devices_own,
        a_register_is_replaced_whole_or_not_at_all,
    }
    tracing {
        what_pds_said_last_of_a_number_stands,
        only_what_is_not_settled_is_asked_about_and_comes_with_its_last_check,
    }
    directory {
        an_unconfirmed_address_is_not_an_address,
        of_several_the_one_confirmed_last_is_used,
        an_address_book_is_one_pharmacys_and_in_order,
        addresses_are_written_all_or_none,
        of_two_who_change_one_address_one_is_told_to_look_again,
        what_a_directory_said_of_an_area_is_kept_and_then_forgotten,
    }
    dmd {
        a_release_comes_into_use_whole_and_the_one_before_goes,
        of_two_imports_at_once_one_is_told_that_another_was_first,
        a_release_that_cannot_be_written_leaves_the_one_in_use,
    }
    bars {
        the_first_bytes_under_a_request_id_have_it,
        of_many_who_ask_at_once_one_is_the_first,
        a_request_id_is_forgotten_when_nobody_tries_again_any_more,
    }
    outbox {
        a_delivery_is_leased_to_one_worker_however_many_ask,
        a_lease_that_has_run_out_is_given_to_another,
        an_amendment_waits_for_the_message_before_it,
        a_row_that_has_moved_on_is_not_written_over,
        a_frozen_message_comes_back_byte_for_byte,
        a_delivery_is_shown_until_the_document_says_it,
        what_lay_in_a_mailbox_is_stored_once,
        a_way_on_standby_is_not_leased_and_a_way_is_leased_to_its_carrier,
        the_next_way_is_decided_upon_once_all_before_it_gave_way,
        the_ways_of_a_delivery_are_planned_once,
        a_practices_order_of_ways_is_kept_as_it_was_set,
        what_somebody_else_sent_is_not_kept_twice_and_what_is_left_is_listed,
        what_is_for_none_of_our_pharmacies_keeps_its_body_and_is_listed,
        answers_come_before_letters_and_what_was_tried_waits_its_turn,
    }
    waiting {
        a_waiting_message_is_kept_until_it_is_settled_and_then_kept,
        a_waiting_message_becomes_one_consultation_that_is_here,
        an_alert_stage_is_claimed_once,
        where_a_pharmacy_is_alerted_is_what_was_said_last,
        what_has_waited_longest_stands_first_and_all_are_counted,
        a_message_that_waits_is_alerted_once_a_stage_and_not_once_it_is_settled,
    }
    supplies {
        what_was_supplied_is_found_by_day_patient_and_batch,
        somebody_without_a_number_is_found_by_name_and_birth_date,
        an_amended_record_says_what_it_says_now,
        a_signed_record_that_nobody_has_read_is_read_once,
    }
    activity {
        what_was_done_is_counted_by_its_days_at_its_pharmacy,
        an_amended_record_is_counted_as_it_stands_now,
        the_latest_claim_stands_beside_what_was_done,
        an_export_pages_through_everything_once_in_the_order_of_days,
        what_few_patients_share_is_known_and_one_patient_counts_once,
        what_was_told_of_a_month_is_replaced_by_what_is_told_next,
    }
);

/// The same tables under the same names, so that neither database is forgotten when one changes.
#[test]
fn both_databases_have_the_same_migrations() {
    let names = |database: &str| {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(database);
        let files = std::fs::read_dir(folder).expect("a folder of migrations");
        let mut names: Vec<_> = files.map(|file| file.expect("a file").file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
}
