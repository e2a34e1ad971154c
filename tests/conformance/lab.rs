use std::fmt;
use std::marker::PhantomData;

use qwebsocket::{Error, ErrorKind, Features, Options, WebSocket};
use support::Script;

use super::Target;
use super::story::Story;

/// Where cases begin: makes sockets with options and knows what the platform can do.
pub(crate) struct Lab<T> {
    options: Options,
    features: Features,
    target: PhantomData<T>,
}

impl<T> Clone for Lab<T> {
    fn clone(&self) -> Lab<T> {
        Lab {
            options: self.options.clone(),
            features: self.features,
            target: PhantomData,
        }
    }
}

impl<T: Target> Lab<T> {
    /// A lab whose sockets have default options.
    pub(crate) fn new() -> Lab<T> {
        let socket = T::socket(Options::new()).expect("default options work everywhere");
        Lab {
            options: Options::new(),
            features: socket.features(),
            target: PhantomData,
        }
    }

    /// Whether the platform has these features.
    pub(crate) fn can(&self, features: Features) -> bool {
        self.features.contains(features)
    }

    /// The result of a call that needs these features; where the platform lacks some, the call
    /// must say so, and there is none.
    pub(crate) fn granted<R: fmt::Debug>(
        &self,
        needed: Features,
        result: Result<R, Error>,
    ) -> Option<R> {
        let missing = needed.difference(self.features);
        if missing.is_empty() {
            return Some(result.expect("the platform has what the call needs"));
        }
        let error = result.expect_err("the platform lacks what the call needs");
        assert_eq!(error.kind(), ErrorKind::Unsupported(missing));
        None
    }

    /// A lab whose sockets have these options, which need these features.
    pub(crate) fn with(&self, needed: Features, options: Options) -> Option<Lab<T>> {
        let options = self.granted(needed, options.build())?;
        Some(Lab {
            options,
            ..self.clone()
        })
    }

    /// A lab whose sockets have these options besides, which work everywhere.
    pub(crate) fn and(&self, change: impl FnOnce(Options) -> Options) -> Lab<T> {
        Lab {
            options: change(self.options.clone()),
            ..self.clone()
        }
    }

    /// A lab whose sockets tell each frame, where the platform lets them.
    pub(crate) fn with_frames(&self) -> Lab<T> {
        let options = Options::new().frames(true);
        self.with(Features::FRAMES, options)
            .unwrap_or_else(|| self.clone())
    }

    /// A socket that was never opened, and a run for it.
    pub(crate) fn story(&self) -> Story<T> {
        let socket = T::socket(self.options.clone()).expect("checked options work");
        Story::new(self.clone(), socket)
    }

    /// A socket that is connected to a server that follows this script.
    pub(crate) async fn connect(&self, script: Script) -> Story<T> {
        let mut story = self.story();
        story.open(&script);
        story.opened().await;
        story
    }
}
