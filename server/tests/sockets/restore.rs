//! A backup is put back while the server runs and everybody works: devices push again what the server has forgotten.

use crate::databases::{TestDatabase, postgres, sqlite};
use crate::seed;
use crate::world::World;

/// Kills before the backup, between it and the restore, and after.
const KILLS: u64 = 8;
const ROUNDS: usize = 2;

async fn restored(database: TestDatabase, servers: usize) {
    let mut world = World::begin(seed(), database, servers).await;
    world.employ(4).await;
    world.kill_often(KILLS).await;
    for round in 0..ROUNDS {
        let backup = world.folder.path().join(format!("backup-{round}"));
        let backup = backup.to_str().expect("a path of letters");
        world.place.run(&["backup", backup]).await;
        world.kill_often(KILLS).await;
        world.place.run(&["restore", backup]).await;
        world.kill_often(KILLS).await;
    }
    world.settle().await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_restored_server_forgot_comes_back_from_the_devices() {
    restored(sqlite(), 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_servers_restored_together_get_back_what_they_forgot() {
    let Some(database) = postgres().await else { return };
    restored(database, 3).await;
}
