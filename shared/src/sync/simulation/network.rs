//! What is under way between a device and a server.

use crate::api::{HeadsAnswer, PushAnswer};
use crate::ids::ConsultationId;
use crate::sync::device::{Failure, Ticket};
use std::collections::BTreeMap;

/// A device, and which start of its app; what is for an earlier one arrives nowhere.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Address {
    pub device: usize,
    pub start: u32,
}

/// A request on its way to a server, as bytes where they are frames.
#[derive(Clone)]
pub enum Request {
    Push(Ticket, Vec<u8>),
    Pull(Ticket, u64),
    Heads(Ticket, BTreeMap<ConsultationId, Vec<String>>),
}

/// Something on its way to a device.
#[derive(Clone)]
pub enum Mail {
    Pushed(Ticket, PushAnswer),
    PushFailed(Ticket, Failure),
    /// One frame of a pull, its length before it; or as much of one as came through.
    Frame(Ticket, Vec<u8>),
    PullEnded(Ticket),
    PullFailed(Ticket, Failure),
    Heads(Ticket, HeadsAnswer),
    HeadsFailed(Ticket, Failure),
    News(u64),
}

impl Request {
    pub fn failed(&self, failure: Failure) -> Mail {
        match self {
            Self::Push(ticket, _) => Mail::PushFailed(*ticket, failure),
            Self::Pull(ticket, _) => Mail::PullFailed(*ticket, failure),
            Self::Heads(ticket, _) => Mail::HeadsFailed(*ticket, failure),
        }
    }
}

impl Mail {
    /// The pull that it belongs to: its frames and its end keep their order.
    pub fn stream(&self) -> Option<Ticket> {
        match self {
            Self::Frame(ticket, _) | Self::PullEnded(ticket) | Self::PullFailed(ticket, _) => Some(*ticket),
            _ => None,
        }
    }

    /// What is heard instead when the connection breaks under it.
    pub fn lost(self) -> Self {
        match self {
            Self::Pushed(ticket, _) | Self::PushFailed(ticket, _) => {
                Self::PushFailed(ticket, Failure::Unreachable)
            }
            Self::Heads(ticket, _) | Self::HeadsFailed(ticket, _) => {
                Self::HeadsFailed(ticket, Failure::Unreachable)
            }
            Self::Frame(ticket, _) | Self::PullEnded(ticket) | Self::PullFailed(ticket, _) => {
                Self::PullFailed(ticket, Failure::Unreachable)
            }
            Self::News(upto) => Self::News(upto),
        }
    }
}
