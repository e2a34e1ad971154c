//! The default masks.

use std::cell::RefCell;
use std::mem::{self, ManuallyDrop};

use rand::Rng;
use rand::rngs::StdRng;

/// How many masks are made at once.
const BATCH: usize = 256;

/// Nothing in it is dropped, so that it is there as long as its thread: a socket may be dropped
/// together with the thread's other variables.
struct Batch {
    generator: Option<ManuallyDrop<StdRng>>,
    masks: [[u8; 4]; BATCH],
    next: usize,
}

const _: () = assert!(!mem::needs_drop::<Batch>());

thread_local! {
    static MASKS: RefCell<Batch> = const {
        RefCell::new(Batch {
            generator: None,
            masks: [[0; 4]; BATCH],
            next: BATCH,
        })
    };
}

/// A fresh mask that cannot be derived from earlier ones (RFC 6455 §10.3): a cryptographic
/// generator for each thread, seeded by the system and asked for many at a time.
pub(crate) fn random() -> [u8; 4] {
    MASKS.with_borrow_mut(|batch| {
        if batch.next == BATCH {
            let generator = &mut batch.generator;
            let generator = generator.get_or_insert_with(|| ManuallyDrop::new(rand::make_rng()));
            generator.fill_bytes(batch.masks.as_flattened_mut());
            batch.next = 0;
        }
        let mask = batch.masks[batch.next];
        batch.next += 1;
        mask
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_differ() {
        let mut masks: Vec<_> = (0..BATCH * 3).map(|_| random()).collect();
        masks.sort_unstable();
        masks.dedup();
        assert!(masks.len() > BATCH * 3 - 3);
    }
}
