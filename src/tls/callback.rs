use std::fmt;
use std::sync::Arc;

/// A closure of the application; the same one is equal to itself.
pub(crate) struct Callback<F: ?Sized>(pub(crate) Arc<F>);

impl<F: ?Sized> Clone for Callback<F> {
    fn clone(&self) -> Callback<F> {
        Callback(self.0.clone())
    }
}

impl<F: ?Sized> PartialEq for Callback<F> {
    fn eq(&self, other: &Callback<F>) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<F: ?Sized> Eq for Callback<F> {}

impl<F: ?Sized> fmt::Debug for Callback<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Callback(…)")
    }
}
