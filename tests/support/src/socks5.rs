use std::fmt;

use crate::escape;
use crate::parse_error::{ParseError, value};

/// A SOCKS5 proxy (RFC 1928) up to its reply; then the connection is one to the server.
///
/// ```
/// use support::Socks5;
///
/// let proxy = Socks5::new().login("user", "open, sesame").reply(4).bound("proxy");
/// let step = "socks5,user=user,password=open%2C sesame,reply=4,bound=proxy";
/// assert_eq!(proxy.to_string(), step);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Socks5 {
    pub(crate) login: Option<[String; 2]>,
    pub(crate) reply: u8,
    pub(crate) bound: String,
}

impl Socks5 {
    /// One that lets anybody through.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets this user through only (RFC 1929).
    pub fn login(mut self, user: impl Into<String>, password: impl Into<String>) -> Self {
        self.login = Some([user.into(), password.into()]);
        self
    }

    /// The reply to the request, which is the end unless it is 0.
    pub fn reply(mut self, code: u8) -> Self {
        self.reply = code;
        self
    }

    /// The address that it says it connects from: one of IPv4 or IPv6, or a name. Default: 0.0.0.0.
    pub fn bound(mut self, address: impl Into<String>) -> Self {
        self.bound = address.into();
        self
    }

    /// Reads the arguments of a script's `socks5` step.
    pub(crate) fn parse<'a>(
        mut arguments: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, ParseError> {
        arguments.try_fold(Self::new(), |mut socks5, (name, text)| {
            match name {
                "user" => socks5.login.get_or_insert_default()[0] = escape::decode_text(text),
                "password" => socks5.login.get_or_insert_default()[1] = escape::decode_text(text),
                "reply" => socks5.reply = value("no code", text)?,
                "bound" => socks5.bound = escape::decode_text(text),
                _ => return Err(ParseError::new("unknown argument of socks5", name)),
            }
            Ok(socks5)
        })
    }
}

/// The step of a script.
impl fmt::Display for Socks5 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("socks5")?;
        if let Some([user, password]) = &self.login {
            let [user, password] = [user, password].map(escape::value);
            write!(f, ",user={user},password={password}")?;
        }
        if self.reply != 0 {
            write!(f, ",reply={}", self.reply)?;
        }
        if !self.bound.is_empty() {
            write!(f, ",bound={}", escape::value(&self.bound))?;
        }
        Ok(())
    }
}
