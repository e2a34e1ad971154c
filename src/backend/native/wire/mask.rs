//! The default masks.

use std::cell::RefCell;

use rand::Rng;

/// How many masks are made at once.
const BATCH: usize = 256;

struct Batch {
    masks: [[u8; 4]; BATCH],
    next: usize,
}

thread_local! {
    static MASKS: RefCell<Batch> = const {
        RefCell::new(Batch {
            masks: [[0; 4]; BATCH],
            next: BATCH,
        })
    };
}

/// A fresh mask that cannot be told from earlier ones (RFC 6455 §10.3): `rand`'s generator of the
/// thread, which is cryptographic, asked for many at a time.
pub(super) fn random() -> [u8; 4] {
    MASKS.with_borrow_mut(|batch| {
        if batch.next == BATCH {
            rand::rng().fill_bytes(batch.masks.as_flattened_mut());
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
