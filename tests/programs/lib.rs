//! Programs that the tests run, as examples of this package.
