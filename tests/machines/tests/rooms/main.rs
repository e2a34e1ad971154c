//! The room server in two processes behind nginx: one goes, and its clients come back to the other.

mod crowd;
mod programs;

use std::collections::HashSet;
use std::time::Duration;

use crowd::{Client, Crowd};
use programs::{Balancer, Redis, Rooms};
use qwebsocket::CloseCode;

/// Clients of each process.
const EACH: usize = 200;

/// More than anything takes that does not hang.
const PATIENCE: Duration = Duration::from_secs(60);

/// Redis, two processes, and nginx in front of both.
struct Machines {
    redis: Redis,
    first: Rooms,
    second: Rooms,
    balancer: Balancer,
}

impl Machines {
    fn start() -> Machines {
        let redis = Redis::start();
        let [first, second] = [(); 2].map(|()| Rooms::start(&redis));
        let balancer = Balancer::start([&first, &second]);
        Machines {
            redis,
            first,
            second,
            balancer,
        }
    }

    /// So many clients in each process, all in one room.
    async fn crowd(&self, each: usize) -> Crowd {
        let mut crowd = Crowd::new(format!("ws://{}/lobby", self.balancer.address()), 2 * each);
        crowd.until_all(|client| client.process.is_some()).await;
        for process in [&self.first, &self.second] {
            assert_eq!(crowd.of(process.id()).len(), each);
        }
        crowd
    }
}

/// The numbers of some clients: of every tenth of these.
fn some(clients: &[usize]) -> Vec<usize> {
    clients.iter().copied().step_by(10).collect()
}

/// Asserts that nobody has heard anything twice.
fn assert_nothing_doubled(crowd: &Crowd) {
    for client in crowd.clients() {
        let different: HashSet<_> = client.heard.iter().collect();
        assert_eq!(different.len(), client.heard.len(), "{:?}", client.heard);
    }
}

/// Asserts that who stayed has heard all that was said, but what was told as unknown to whom said it.
fn assert_nothing_lost(crowd: &Crowd, stayed: &[usize]) {
    for &stayed in stayed {
        let heard: HashSet<_> = crowd.clients()[stayed].heard.iter().collect();
        for speaker in crowd.clients() {
            for (number, text) in speaker.said.iter().enumerate() {
                let is_known = speaker.unknown.contains(&(number as u64));
                assert!(is_known || heard.contains(text), "{text} is lost");
            }
        }
    }
}

/// Some of these clients say something each, and all hear all of it, in one order.
async fn talk(crowd: &mut Crowd, speakers: &[usize]) {
    let begin: Vec<usize> = crowd
        .clients()
        .iter()
        .map(|client| client.heard.len())
        .collect();
    let texts: HashSet<_> = speakers.iter().map(|&speaker| crowd.say(speaker)).collect();
    crowd
        .until_all(|client| texts.iter().all(|text| client.heard.contains(text)))
        .await;
    let order = |client: &Client, begin: usize| -> Vec<String> {
        let heard = client.heard[begin..].iter();
        heard
            .filter(|text| texts.contains(*text))
            .cloned()
            .collect()
    };
    let first = order(&crowd.clients()[0], begin[0]);
    for (client, begin) in crowd.clients().iter().zip(begin) {
        assert_eq!(order(client, begin), first);
    }
}

async fn limited(test: impl Future<Output = ()>) {
    tokio::time::timeout(PATIENCE, test)
        .await
        .expect("it hangs");
}

#[tokio::test]
async fn clients_of_a_process_that_is_killed_come_back_to_the_other() {
    limited(async {
        let mut machines = Machines::start();
        let mut crowd = machines.crowd(EACH).await;
        let gone = crowd.of(machines.first.id());
        let stayed = crowd.of(machines.second.id());
        let speakers = [some(&gone), some(&stayed)].concat();
        talk(&mut crowd, &speakers).await;

        // What is said while it happens may miss who is away, and may be unknown to whom says it.
        for &speaker in &speakers {
            crowd.say(speaker);
        }
        machines.first.kill();
        for &speaker in &speakers {
            crowd.say(speaker);
        }
        let second = machines.second.id();
        crowd
            .until_all(|client| client.process == Some(second))
            .await;
        assert_eq!(crowd.of(second).len(), 2 * EACH);

        talk(&mut crowd, &speakers).await;
        assert_nothing_doubled(&crowd);
        assert_nothing_lost(&crowd, &stayed);
    })
    .await;
}

#[tokio::test]
async fn clients_of_a_process_that_is_drained_hear_so_and_come_back_to_the_other() {
    limited(async {
        let mut machines = Machines::start();
        let mut crowd = machines.crowd(10).await;
        let gone = crowd.of(machines.first.id());
        let stayed = crowd.of(machines.second.id());
        machines.first.terminate();
        assert!(machines.first.ended().await.success());
        let second = machines.second.id();
        crowd
            .until_all(|client| client.process == Some(second))
            .await;
        for &client in &gone {
            let ends = &crowd.clients()[client].ends;
            assert_eq!(ends[..], [Some(CloseCode::GOING_AWAY)]);
        }
        for &client in &stayed {
            assert!(crowd.clients()[client].ends.is_empty());
        }
        let all = [&gone[..], &stayed[..]].concat();
        talk(&mut crowd, &all).await;
        assert_nothing_doubled(&crowd);
        assert_nothing_lost(&crowd, &stayed);
    })
    .await;
}

#[tokio::test]
async fn a_process_that_may_miss_something_sends_its_clients_away() {
    limited(async {
        let mut machines = Machines::start();
        let mut crowd = machines.crowd(1).await;
        machines.redis.kill();
        for process in [&mut machines.first, &mut machines.second] {
            assert!(!process.ended().await.success());
        }
        crowd.until_all(|client| !client.ends.is_empty()).await;
        for client in crowd.clients() {
            assert_eq!(client.ends[0], Some(CloseCode::GOING_AWAY));
        }
    })
    .await;
}
