//! A proxy's connection to its object in the server.

use std::cell::RefCell;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::error::ManagerError;
use super::transport::Transport;
use super::wire::{Message, Op};
use crate::ipc::Item;
use crate::ipc::item::{decode, encode};
use crate::os;

/// One object of one server. Cheap to clone, and usable in any process.
#[derive(Clone)]
pub(super) struct RemoteObject {
    server: Arc<str>,
    object: u32,
}

/// The server's answer: a number and parts.
pub(super) type Answer = (i64, Vec<Vec<u8>>);

struct Connection {
    server: Arc<str>,
    /// The process that opened it. A forked child opens its own; it drops its copy of the parent's, which does not
    /// close the parent's.
    owner_pid: u32,
    transport: Transport,
    outgoing: Vec<u8>,
    incoming: Vec<u8>,
}

thread_local! {
    /// Each thread has its own connection to each server, so that one that blocks does not block the others.
    static CONNECTIONS: RefCell<Vec<Connection>> = RefCell::default();
}

impl RemoteObject {
    /// Creates an object. `op` says of what kind.
    pub(super) fn create(
        server: &Arc<str>,
        op: Op,
        number: i64,
        parts: &[Vec<u8>],
    ) -> Result<Self, ManagerError> {
        let server_itself = Self {
            server: Arc::clone(server),
            object: 0,
        };
        let (object, _) = server_itself.call(op, number, parts)?;
        Ok(Self {
            object: object as u32,
            ..server_itself
        })
    }

    /// Sends one request and returns its answer.
    pub(super) fn call(
        &self,
        op: Op,
        number: i64,
        parts: &[impl AsRef<[u8]>],
    ) -> Result<Answer, ManagerError> {
        let request = Message {
            code: op as u8,
            object: self.object,
            number,
            parts: parts.iter().map(AsRef::as_ref).collect(),
        };
        CONNECTIONS.with_borrow_mut(|connections| {
            let known = connections
                .iter()
                .position(|known| known.server == self.server);
            let mut connection = match known.map(|place| connections.swap_remove(place)) {
                Some(connection) if connection.owner_pid == os::process_id() => connection,
                _ => Connection::open(&self.server).map_err(ManagerError::Ended)?,
            };
            let answer = connection.exchange(&request)?;
            // After an error of the connection itself it is not reused.
            connections.push(connection);
            answer
        })
    }

    /// A call without values.
    pub(super) fn ask(&self, op: Op, number: i64) -> Result<Answer, ManagerError> {
        self.call(op, number, &[] as &[&[u8]])
    }

    /// A call whose answer is one value.
    pub(super) fn fetch<T: Item>(
        &self,
        op: Op,
        number: i64,
        parts: &[Vec<u8>],
    ) -> Result<T, ManagerError> {
        let (_, parts) = self.call(op, number, parts)?;
        from_bytes(parts.first().map_or(&[], Vec::as_slice))
    }

    /// Formats a proxy as Python prints it; the object's number takes the place of the address.
    pub(super) fn describe(
        &self,
        f: &mut fmt::Formatter<'_>,
        kind: &str,
        typeid: &str,
    ) -> fmt::Result {
        write!(
            f,
            "<{kind} object, typeid '{typeid}' at {:#x}>",
            self.object
        )
    }
}

/// Checks that the server answers.
pub(super) fn ping(server: &Arc<str>) -> Result<(), ManagerError> {
    let server_itself = RemoteObject {
        server: Arc::clone(server),
        object: 0,
    };
    server_itself.ask(Op::Ping, 0).map(drop)
}

/// Tells the server to exit, which it does not answer. Waits for the connection for at most `limit`.
pub(super) fn end_server(server: &Arc<str>, limit: Duration) -> io::Result<()> {
    // This thread's connection is of no use any more.
    CONNECTIONS.with_borrow_mut(|connections| connections.retain(|known| known.server != *server));
    let mut transport = Transport::connect(server, Some(limit))?;
    let request = Message {
        code: Op::Shutdown as u8,
        ..Message::default()
    };
    request.send(&mut transport, &mut Vec::new())
}

/// A proxy that is sent to another process is the same object there.
impl Serialize for RemoteObject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (&*self.server, self.object).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for RemoteObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (server, object) = <(String, u32)>::deserialize(deserializer)?;
        Ok(Self {
            server: server.into(),
            object,
        })
    }
}

impl Connection {
    fn open(server: &Arc<str>) -> io::Result<Self> {
        Ok(Self {
            server: Arc::clone(server),
            owner_pid: os::process_id(),
            transport: Transport::connect(server, None)?,
            outgoing: Vec::new(),
            incoming: Vec::new(),
        })
    }

    /// The outer error is one of the connection.
    fn exchange(
        &mut self,
        request: &Message,
    ) -> Result<Result<Answer, ManagerError>, ManagerError> {
        let reply = request
            .send(&mut self.transport, &mut self.outgoing)
            .and_then(|()| Message::receive(&mut self.transport, &mut self.incoming))
            .map_err(ManagerError::Ended)?;
        Ok(match reply.code {
            0 => Ok((
                reply.number,
                reply.parts.iter().map(|part| part.to_vec()).collect(),
            )),
            code => {
                let text = reply.parts.first().copied().unwrap_or_default();
                let text = String::from_utf8_lossy(text).into_owned();
                Err(ManagerError::from_parts(code, reply.number, text))
            }
        })
    }
}

pub(super) fn to_bytes<T: Item>(value: &T) -> Result<Vec<u8>, ManagerError> {
    let mut bytes = Vec::new();
    encode(value, &mut bytes).map_err(ManagerError::Item)?;
    Ok(bytes)
}

pub(super) fn from_bytes<T: Item>(bytes: &[u8]) -> Result<T, ManagerError> {
    decode(bytes).map_err(ManagerError::Item)
}

pub(super) fn all_to_bytes<T: Item>(
    values: impl IntoIterator<Item = T>,
) -> Result<Vec<Vec<u8>>, ManagerError> {
    values.into_iter().map(|value| to_bytes(&value)).collect()
}

/// What all proxies have in common.
macro_rules! proxy {
    ($name:ident<$($item:ident),*>, $typeid:literal) => {
        /// A clone is the same object.
        impl<$($item: Item),*> Clone for $name<$($item),*> {
            fn clone(&self) -> Self {
                Self::of(self.remote.clone())
            }
        }

        impl<$($item: Item),*> $name<$($item),*> {
            pub(super) fn of(remote: RemoteObject) -> Self {
                Self { remote, item: PhantomData }
            }
        }

        /// A proxy can be sent to other processes.
        impl<$($item: Item),*> serde::Serialize for $name<$($item),*> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.remote.serialize(serializer)
            }
        }

        impl<'de, $($item: Item),*> serde::Deserialize<'de> for $name<$($item),*> {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                RemoteObject::deserialize(deserializer).map(Self::of)
            }
        }

        impl<$($item: Item),*> fmt::Debug for $name<$($item),*> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.remote.describe(f, stringify!($name), $typeid)
            }
        }
    };
}

/// What all proxies without a type of their own have in common.
macro_rules! plain_proxy {
    ($name:ident, $kind:literal, $typeid:literal) => {
        impl $name {
            pub(super) fn of(remote: RemoteObject) -> Self {
                Self { remote }
            }
        }

        /// A proxy can be sent to other processes.
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.remote.serialize(serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                RemoteObject::deserialize(deserializer).map(Self::of)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.remote.describe(f, $kind, $typeid)
            }
        }
    };
}

/// Returns a time as it is sent, rounded up. One that is too long to be sent is longer than anyone waits.
pub(super) fn milliseconds(time: Duration) -> i64 {
    i64::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(i64::MAX)
}

/// `print(proxy)` in Python: the text of the object, or that it failed.
macro_rules! display_with {
    ($name:ident<$($item:ident),*>, $typeid:literal, |$proxy:ident| $fetch:expr) => {
        impl<$($item: Item + fmt::Debug),*> fmt::Display for $name<$($item),*> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let $proxy = self;
                match $fetch {
                    Ok(text) => f.write_str(&text),
                    Err(_) => write!(
                        f,
                        concat!("<", stringify!($name), " object, typeid '", $typeid, "'; '__str__()' failed>")
                    ),
                }
            }
        }
    };
}

pub(super) use {display_with, plain_proxy, proxy};
