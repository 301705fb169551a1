//! Promises about telling others: once, from what was signed, and never said to be done before it is.

mod amendments;
mod answers;
mod bench;
#[path = "../chaos/mod.rs"]
mod chaos;
mod claims;
#[path = "../support/databases.rs"]
mod databases;
mod held;
mod post;
mod sending;
mod ways;

use chaos::{email as bad_post, look_up, mesh as bad_mesh, sandbox};

/// Each is called with a database of its own, on SQLite and on PostgreSQL.
macro_rules! promises {
    ($($part:ident { $($promise:ident),+ $(,)? })+) => {
        mod sqlite {
            $($(#[tokio::test]
            async fn $promise() {
                crate::$part::$promise(crate::databases::sqlite()).await;
            })+)+
        }

        mod postgres {
            $($(#[tokio::test]
            async fn $promise() {
                let Some(database) = crate::databases::postgres().await else { return };
                crate::$part::$promise(database).await;
            })+)+
        }
    };
}

promises!(
    sending {
        a_signed_visit_reaches_the_practice_once_and_the_record_says_so_only_then,
        the_message_is_what_was_signed_and_not_what_was_written_since,
        the_practice_reads_the_very_words_that_the_pharmacist_read_before_signing,
        two_workers_never_send_the_same_delivery,
        a_worker_killed_between_sending_and_writing_it_down_leaves_one_message_at_the_practice,
        where_no_answer_tells_the_same_bytes_are_sent_again_so_that_the_practice_sees_one,
        a_mesh_that_is_away_delays_the_notice_and_loses_nothing,
        a_message_that_is_not_ours_is_left_in_the_mailbox,
        a_delivery_has_the_same_identity_wherever_it_is_planned,
    }
    held {
        an_objection_sends_nothing_and_says_why,
        an_unverified_number_is_held_for_tracing_and_an_amendment_after_tracing_is_sent,
        a_number_that_a_device_alone_calls_verified_is_held_for_tracing,
        a_number_that_pds_gave_for_this_consultation_is_sent_and_for_another_one_not,
        a_number_that_pds_has_replaced_is_held_even_where_111_had_verified_it,
        a_visit_closed_without_a_consultation_tells_nobody,
        an_emergency_exit_tells_the_practice_when_the_record_is_completed,
    }
    amendments {
        an_amendment_replaces_the_notice_and_waits_for_it,
        two_who_signed_apart_make_one_notice,
        an_amendment_of_what_went_by_e_mail_replaces_nothing_in_the_practices_system,
        a_way_that_stood_by_for_an_earlier_notice_is_not_gone_once_the_visit_is_amended,
    }
    answers {
        a_refusal_waits_for_a_person_who_may_try_again,
        a_practice_that_mesh_cannot_find_is_told_another_way_and_at_last_by_a_person,
    }
    claims {
        a_payable_visit_is_claimed_once_and_the_record_says_so,
        an_amended_visit_changes_its_claim_once_and_only_if_the_claim_differs,
        a_claim_is_taken_back_when_the_visit_is_not_payable_and_made_again_when_it_is,
        a_home_visit_is_held_and_the_contractor_is_to_be_asked,
        a_home_visit_is_claimed_where_the_contractor_has_settled_it,
        what_is_not_payable_is_not_claimed_and_why_is_in_the_record,
        a_refusal_comes_back_to_the_record_with_what_to_mend,
        an_answer_that_was_lost_makes_no_second_claim,
        after_the_window_nothing_is_sent_and_it_is_said_until_when_evidence_helps,
    }
    ways {
        a_practice_that_takes_nothing_this_way_gets_the_e_mail_and_nobody_need_act,
        a_fault_of_ours_is_told_to_somebody_and_the_practice_gets_the_e_mail,
        without_an_answer_by_the_next_working_afternoon_the_next_way_is_gone,
        where_no_way_is_left_a_person_phones_and_says_that_it_may_repeat_a_message,
        an_answer_after_the_fallback_still_says_that_the_practice_has_it,
        an_e_mail_that_may_have_arrived_is_never_sent_again_by_itself,
        a_worker_killed_while_it_sent_an_e_mail_leaves_it_to_a_person,
        a_mail_server_that_is_away_or_refuses_ends_with_a_person,
        a_person_may_go_the_next_way_and_it_is_gone_once,
        the_order_that_is_set_for_a_practice_is_the_order_of_its_ways,
        a_device_that_syncs_late_makes_one_message_leave_and_not_two,
        an_e_mail_cut_off_after_a_failed_try_is_not_sent_again_by_itself,
        urgent_supply_goes_by_the_ways_that_carry_it_and_never_by_update_record,
    }
    bad_post {
        e_mails_wait_for_a_mail_server_that_is_away_and_go_once_when_it_is_back,
    }
    bad_mesh {
        a_notice_is_sent_through_any_weather_and_has_its_effect_once,
        a_notice_that_never_left_stays_here_once_the_practice_was_told_another_way,
        a_notice_that_may_have_left_goes_on_being_sent_after_the_fallback,
        an_answer_is_read_through_any_weather_and_none_is_lost,
        one_message_that_cannot_be_fetched_keeps_no_other_waiting,
        a_clock_that_is_off_is_said_with_its_minutes_and_the_notice_goes_once_it_is_right,
        each_pharmacy_sends_and_reads_in_its_own_mailbox,
    }
    look_up {
        a_practice_that_takes_no_documents_gets_the_next_way_as_soon_as_mesh_says_so,
        a_practice_that_mesh_says_takes_documents_gets_one,
    }
    sandbox {
        a_notice_waits_for_the_nhs_sandbox_and_arrives_once_when_it_is_back,
    }
);
