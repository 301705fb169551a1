//! Servers that are killed at random moments while everybody works: one on a file, three on one PostgreSQL.

use crate::databases::{postgres, sqlite};
use crate::world::World;
use crate::{seed, setting};

const KILLS: u64 = 200;
/// Kills among three servers, where the other two go on.
const KILLS_OF_THREE: u64 = 60;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_two_hundred_times_loses_nothing_and_everyone_agrees() {
    let mut world = World::begin(seed(), sqlite(), 1).await;
    world.employ(5).await;
    world.kill_often(setting("SATCHEL_SOCKET_KILLS").unwrap_or(KILLS)).await;
    world.settle().await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_servers_on_one_database_killed_and_started_lose_nothing_and_everyone_agrees() {
    let Some(database) = postgres().await else { return };
    let mut world = World::begin(seed(), database, 3).await;
    world.employ(6).await;
    world.kill_often(setting("SATCHEL_SOCKET_KILLS").unwrap_or(KILLS_OF_THREE)).await;
    world.settle().await;
    world.end().await;
}
