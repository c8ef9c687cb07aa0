//! A response whose body is being read.

use crate::failure::Failure;
use crate::interface::Head;
use crate::settings::Settings;
use reqwest::blocking::Response;
use std::io::Read;

pub struct Transfer {
    response: Response,
    request_url: String,
    settings: Settings,
    url: String,
    headers: String,
}

impl Transfer {
    pub fn new(response: Response, request_url: &str, settings: Settings) -> Transfer {
        let url = response.url().to_string();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes())))
            .collect();
        Transfer {
            response,
            request_url: request_url.to_owned(),
            settings,
            url,
            headers,
        }
    }

    pub fn head(&self) -> Head<'_> {
        Head {
            url: (&*self.url).into(),
            headers: (&*self.headers).into(),
            status: self.response.status().as_u16(),
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// Reads a part of the body; 0 bytes at its end.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Failure> {
        self.response
            .read(buffer)
            .map_err(|error| Failure::of_body(&error, &self.settings.context(&self.request_url)))
    }
}
