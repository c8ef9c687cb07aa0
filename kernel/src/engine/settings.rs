//! Settings that commands change for later cells.

use super::rustc;
use super::source::ResultFormat;
use ra_ap_parser::Edition;
use std::ffi::OsString;

/// Cells are small and the helper is already optimised: a fast compile beats fast code. `:opt` overrides this.
const OPT_LEVEL: &str = "0";

#[derive(Debug, Clone)]
pub struct Settings {
    pub rustc: rustc::Settings,
    pub result: ResultFormat,
    /// Whether each cell shows how long it took.
    pub timing: bool,
    /// Environment variables of the runtime, from its next start on.
    pub environment: Vec<(String, OsString)>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            rustc: rustc::Settings {
                edition: "2024".to_owned(),
                opt_level: OPT_LEVEL.to_owned(),
                linker: "system".to_owned(),
                environment: Vec::new(),
            },
            result: ResultFormat {
                format: "{:?}".to_owned(),
                with_type: false,
            },
            timing: false,
            environment: Vec::new(),
        }
    }
}

impl Settings {
    pub fn edition(&self) -> Edition {
        match self.rustc.edition.as_str() {
            "2015" => Edition::Edition2015,
            "2018" => Edition::Edition2018,
            "2021" => Edition::Edition2021,
            _ => Edition::Edition2024,
        }
    }

    /// Executes a command that changes a setting and returns evcxr's reply; `None` for other commands.
    ///
    /// # Errors
    /// When the command's argument is invalid.
    pub fn set(&mut self, name: &str, argument: &str) -> Option<Result<String, String>> {
        let has_no_argument = argument.is_empty();
        let answer = match name {
            ":opt" => {
                let other = if self.rustc.opt_level == "2" {
                    "0"
                } else {
                    "2"
                };
                let level = if has_no_argument { other } else { argument };
                if !["0", "1", "2", "3", "s", "z"].contains(&level) {
                    return Some(Err(format!(
                        "invalid optimization level: {level:?}; use 0, 1, 2, 3, s or z"
                    )));
                }
                self.rustc.opt_level = level.to_owned();
                format!("Optimization: {level}")
            }
            ":fmt" => {
                self.result.format = if has_no_argument { "{:?}" } else { argument }.to_owned();
                format!("Output format: {}", self.result.format)
            }
            ":types" => {
                self.result.with_type = !self.result.with_type;
                format!("Types: {}", self.result.with_type)
            }
            ":timing" => {
                self.timing = !self.timing;
                format!("Timing: {}", self.timing)
            }
            ":efmt" => "Error format: {} (or {:?} for errors that are Debug only)".to_owned(),
            ":edition" => {
                if has_no_argument {
                    return Some(Ok(format!("Edition: {}", self.rustc.edition)));
                }
                if !["2015", "2018", "2021", "2024"].contains(&argument) {
                    return Some(Err(format!(
                        "invalid edition of Rust: {argument:?}; use 2018, 2021 or 2024"
                    )));
                }
                // It stands at the beginning of a notebook, where it should show nothing.
                self.rustc.edition = argument.to_owned();
                String::new()
            }
            ":linker" => {
                if !has_no_argument {
                    self.rustc.linker = argument.to_owned();
                }
                format!("linker: {}", self.rustc.linker)
            }
            ":build_env" | ":env" => return Some(self.set_variable(name, argument)),
            _ => return None,
        };
        Some(Ok(answer))
    }

    fn set_variable(&mut self, command: &str, argument: &str) -> Result<String, String> {
        let (name, value) = argument.split_once('=').ok_or("Please supply key=value")?;
        if command == ":env" {
            self.environment.retain(|(other, _)| other != name);
            self.environment.push((name.to_owned(), value.into()));
            return Ok(format!(
                "Set {name}={value} (use :restart command to reload child process)"
            ));
        }
        self.rustc.environment.retain(|(other, _)| other != name);
        self.rustc
            .environment
            .push((name.to_owned(), value.to_owned()));
        Ok(format!("Set {name}={value} for build"))
    }
}
