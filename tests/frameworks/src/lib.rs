//! Nothing but the examples of this package, and the tests that run them.
