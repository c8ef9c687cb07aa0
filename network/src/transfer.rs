//! A response whose body is being read.

use crate::failure::Failure;
use crate::interface::Head;
use crate::settings::Settings;
use reqwest::blocking::Response;
use std::io::Read;

pub struct Transfer {
    answer: Response,
    asked_url: String,
    settings: Settings,
    url: String,
    headers: String,
}

impl Transfer {
    pub fn new(answer: Response, asked_url: &str, settings: Settings) -> Transfer {
        let url = answer.url().to_string();
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes())))
            .collect();
        Transfer {
            answer,
            asked_url: asked_url.to_owned(),
            settings,
            url,
            headers,
        }
    }

    pub fn head(&self) -> Head<'_> {
        Head {
            url: (&*self.url).into(),
            headers: (&*self.headers).into(),
            status: self.answer.status().as_u16(),
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.answer.headers().get(name)?.to_str().ok()
    }

    /// Reads some of the body; returns 0 at its end.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Failure> {
        self.answer
            .read(buffer)
            .map_err(|error| Failure::of_body(&error, &self.settings.info(&self.asked_url)))
    }
}
