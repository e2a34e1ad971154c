//! Reads the steps of a script.

use std::str::FromStr;

use data_encoding::HEXLOWER_PERMISSIVE;

use crate::accept::Accept;
use crate::frame::{Frame, LengthForm};
use crate::parse_error::{ParseError, value};
use crate::payload::Payload;
use crate::socks5::Socks5;
use crate::step::{Pace, SlowRead, Step};

impl FromStr for Step {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut parts = text.trim().split(',');
        let verb = parts.next().unwrap_or_default();
        let arguments = parts.map(|part| part.split_once('=').unwrap_or((part, "")));
        match verb {
            "accept" => Ok(Self::Accept(Accept::parse(arguments)?)),
            "frame" => frames(arguments),
            "send" => send(arguments),
            "socks5" => Ok(Self::Socks5(Socks5::parse(arguments)?)),
            _ => Numbers::read(arguments)?.step(verb, text),
        }
    }
}

fn send<'a>(arguments: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Step, ParseError> {
    let mut payload = Payload::default();
    for (name, value) in arguments {
        match name {
            "data" => payload = payload.and(value.parse::<Payload>()?),
            _ => return Err(ParseError::new("unknown argument of send", name)),
        }
    }
    within_limit(payload.len())?;
    Ok(Step::Send(payload))
}

fn frames<'a>(arguments: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Step, ParseError> {
    let mut frames: Vec<Frame> = Vec::new();
    for (name, text) in arguments {
        if name == "op" {
            let opcode = value("no opcode", text)?;
            frames.push(Frame::new(opcode, Payload::default()));
            continue;
        }
        let fail = || ParseError::new("no such argument of frame", text);
        let frame = frames.last_mut().ok_or_else(fail)?;
        match name {
            "data" => frame.payload = text.parse()?,
            "fin" => frame.fin = text != "0",
            "rsv" => frame.rsv = value::<u8>("no bits", text)? & 7,
            "mask" => {
                let key = HEXLOWER_PERMISSIVE.decode(text.as_bytes());
                let key = key.ok().and_then(|key| key.try_into().ok());
                frame.mask = Some(key.ok_or_else(fail)?);
            }
            "enc" => frame.length = Some(LengthForm::from_name(text).ok_or_else(fail)?),
            _ => return Err(fail()),
        }
    }
    within_limit(frames.iter().map(|frame| frame.payload.len()).sum())?;
    Ok(Step::Frames(frames))
}

fn within_limit(len: usize) -> Result<(), ParseError> {
    match len <= Payload::MAX {
        true => Ok(()),
        false => Err(ParseError::new("step too long", &len.to_string())),
    }
}

/// The arguments of all steps that have nothing but numbers.
#[derive(Default)]
struct Numbers {
    ms: Option<u64>,
    n: Option<u64>,
    until: Option<u8>,
    chunk: Option<usize>,
    gap: Option<u64>,
    total: Option<u64>,
    bytes: Option<u32>,
}

impl Numbers {
    fn read<'a>(arguments: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Self, ParseError> {
        let mut numbers = Self::default();
        for (name, text) in arguments {
            match name {
                "ms" => numbers.ms = Some(value("no time", text)?),
                "n" => numbers.n = Some(value("no count", text)?),
                "until" => numbers.until = Some(value("no opcode", text)?),
                "chunk" => numbers.chunk = Some(value("no size", text)?),
                "gap" => numbers.gap = Some(value("no time", text)?),
                "total" => numbers.total = Some(value("no size", text)?),
                "bytes" => numbers.bytes = Some(value("no size", text)?),
                _ => return Err(ParseError::new("unknown argument", name)),
            }
        }
        Ok(numbers)
    }

    fn step(self, verb: &str, text: &str) -> Result<Step, ParseError> {
        let fail = || ParseError::new("unknown or incomplete step", text);
        let ms = self.ms.ok_or_else(fail);
        Ok(match verb {
            "request" => Step::Request,
            "serve" => Step::Serve { ms: self.ms },
            "drain" => Step::Drain { ms: ms? },
            "sleep" => Step::Sleep { ms: ms? },
            "frames" => match (self.n, self.until) {
                (Some(count), None) => Step::ReadFrames { count, ms: ms? },
                (None, Some(opcode)) => Step::ReadUntil { opcode, ms: ms? },
                _ => return Err(fail()),
            },
            "pace" => Step::Pace(self.chunk.map(|chunk| Pace {
                chunk: chunk.max(1),
                gap: self.gap.unwrap_or(0),
            })),
            "slow_read" => {
                let mut read = SlowRead::lasting(ms?).gap(self.gap.unwrap_or(0));
                read.total = self.total;
                Step::SlowRead(match self.chunk {
                    Some(chunk) => read.chunk(chunk),
                    None => read,
                })
            }
            "rcvbuf" => Step::ReceiveBuffer {
                bytes: self.bytes.ok_or_else(fail)?,
            },
            "half_close" => Step::HalfClose,
            "fin" => Step::Fin,
            "rst" => Step::Rst,
            _ => return Err(fail()),
        })
    }
}
