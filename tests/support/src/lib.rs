//! Counterparts for the tests.
