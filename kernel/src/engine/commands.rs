//! Executes a cell's commands: evcxr's, with evcxr's wording.

use super::command_line::CommandLine;
use super::contents::Contents;
use super::evaluator::Evaluator;
use crate::crates::{Dependency, HelperRequest, Quota};
use crate::ipc::CellError;
use crate::prebuilt::Toolchain;
use std::process::Command as Process;

/// Commands that evcxr does not have.
const OWN_COMMANDS: [(&str, &str); 4] = [
    (
        ":edition",
        "Set the edition of Rust that cells are written in (2018/2021/2024)",
    ),
    (
        ":explore",
        "Run the cell in every order of its threads' steps",
    ),
    (":replay", "Run the cell in one order"),
    (
        ":watch",
        "Draw what the threads and processes of the cell do",
    ),
];

/// Commands that other kernels need and this one does not, each with the reason.
const NOT_NEEDED: [(&str, &str); 5] = [
    (
        ":allow_static_linking",
        "all crates are in one dynamic library",
    ),
    (
        ":codegen_backend",
        "crates are optimised, cells are compiled without optimisation",
    ),
    (":preserve_vars_on_panic", "variables survive panics"),
    (":sccache", "crates are built once and cached"),
    (
        ":time_passes",
        "`run --timings` shows where each cell spends its time",
    ),
];

impl Evaluator {
    /// Executes command lines and returns their output. The crates of consecutive `:dep` lines are built together.
    pub(super) fn commands(
        &mut self,
        lines: &[CommandLine],
        show: &mut dyn FnMut(&str),
    ) -> Result<Contents, CellError> {
        let mut contents = Contents::default();
        for lines in lines.chunk_by(|one, next| one.is_dep() && next.is_dep()) {
            contents.add(match lines {
                [line] if !line.is_dep() => self.command(line)?,
                lines => self.dep(lines, show)?,
            });
        }
        Ok(contents)
    }

    /// Executes consecutive `:dep` lines: loads the helper crate and other crates.
    fn dep(
        &mut self,
        lines: &[CommandLine],
        show: &mut dyn FnMut(&str),
    ) -> Result<Contents, CellError> {
        let folder = std::env::current_dir().unwrap_or_default();
        let mut dependencies = Vec::new();
        for line in lines {
            if let Some(request) = HelperRequest::read(&line.to_string()) {
                self.load_helper(&request, show)
                    .map_err(|error| CellError::new("HelperError", format!("{error:#}")))?;
            } else if let CommandLine::Command { argument, .. } = line {
                dependencies.push(Dependency::read(argument, &folder).map_err(crate_error)?);
            }
        }
        if dependencies.is_empty() {
            return Ok(Contents::default());
        }
        let notes = self.load_crates(dependencies, show).map_err(crate_error)?;
        Ok(with_newline(notes.join("\n")))
    }

    /// Executes one command line and returns its output.
    fn command(&mut self, line: &CommandLine) -> Result<Contents, CellError> {
        let error = |error: anyhow::Error| CellError::new("Error", format!("{error:#}"));
        let (name, argument) = match line {
            CommandLine::Command { name, argument } => (name.as_str(), argument.as_str()),
            CommandLine::Shell(command) => return shell(command).map(Contents::text),
        };
        if let Some((_, why)) = NOT_NEEDED.iter().find(|(other, _)| *other == name) {
            return Ok(with_newline(format!("`{name}` is not needed here: {why}")));
        }
        if let Some(answer) = self.settings.set(name, argument) {
            return answer
                .map(with_newline)
                .map_err(|message| CellError::new("Error", message));
        }
        match name {
            ":help" => self.help(),
            ":vars" => Ok(self.list_variables()),
            ":type" | ":t" => self.show_type(argument),
            ":clear" => {
                self.clear();
                self.restart("the notebook was cleared").map_err(error)?;
                Ok(Contents::default())
            }
            ":restart" => {
                self.restart("the process that held it was restarted")
                    .map_err(error)?;
                Ok(with_newline("Child process restarted".to_owned()))
            }
            ":quit" => std::process::exit(0),
            ":explain" => self.explain(),
            ":last_error_json" => Err(CellError::new("Error", self.last_errors_as_json())),
            ":last_compile_dir" => Ok(with_newline(self.folder().display().to_string())),
            ":show_deps" => Ok(self.show_dependencies()),
            ":offline" => {
                self.crates.offline = argument != "0";
                Ok(with_newline(format!("Offline: {}", self.crates.offline)))
            }
            ":cache" => self.show_room().map_err(error),
            ":clear_cache" => {
                let removed = Quota::at(self.cache().root()).map_err(error)?.clear();
                Ok(with_newline(format!(
                    "Libraries of crates removed: {removed}"
                )))
            }
            ":toolchain" => {
                if !argument.is_empty() {
                    let toolchain = Toolchain::named(argument).map_err(error)?;
                    self.set_toolchain(toolchain);
                }
                Ok(with_newline(format!("Toolchain: {argument}")))
            }
            // It is for the code of the cell.
            ":explore" | ":replay" | ":watch" => Ok(Contents::default()),
            _ => self
                .evcxr
                .execute(&format!("{name} {argument}"))
                .map_err(error),
        }
    }

    /// Returns evcxr's table of commands with our own added.
    fn help(&mut self) -> Result<Contents, CellError> {
        let help = self.evcxr.execute(":help");
        let mut help = help.map_err(|error| CellError::new("Error", format!("{error:#}")))?;
        for (name, about) in OWN_COMMANDS {
            if let Some(plain) = help.get_mut("text/plain") {
                plain.push_str(&format!("{name:<17} {about}\n"));
            }
            if let Some(html) = help.get_mut("text/html") {
                let row = format!("<tr><td>{name}</td><td>{about}</td></tr>\n</table>");
                *html = html.replace("</table>", &row);
            }
        }
        Ok(help)
    }

    /// Lists the variables as evcxr does.
    fn list_variables(&self) -> Contents {
        let mut plain = String::new();
        let mut html = "<table><tr><th>Variable</th><th>Type</th></tr>".to_owned();
        for (name, ty) in self.shown_variables() {
            plain.push_str(&format!("{name}: {ty}\n"));
            html.push_str(&format!(
                "<tr><td>{}</td><td>{}</td></tr>",
                escaped(&name),
                escaped(&ty)
            ));
        }
        html.push_str("</table>");
        let mut contents = Contents::text(plain);
        contents.put("text/html", html);
        contents
    }

    /// Lists the crates that the notebook asks for, then these and their dependencies with their versions.
    fn show_dependencies(&self) -> Contents {
        let mut text = String::new();
        for dependency in self.crates.dependencies().iter() {
            text.push_str(&format!("{} = {}\n", dependency.name, dependency.value));
        }
        if let Some(library) = self.crates.library() {
            text.push_str(&format!(
                "with their dependencies: {}\n",
                library.crates().join(", ")
            ));
        }
        Contents::text(text)
    }

    /// Shows how much disk space the crate libraries take.
    fn show_room(&self) -> anyhow::Result<Contents> {
        let room = Quota::at(self.cache().root())?;
        Ok(with_newline(room.to_string()))
    }

    fn show_type(&self, name: &str) -> Result<Contents, CellError> {
        if name.is_empty() {
            return Err(CellError::new("Error", "Variable name required"));
        }
        let variables = self.shown_variables();
        let found = variables.iter().find(|(other, _)| other == name);
        let (_, ty) = found
            .ok_or_else(|| CellError::new("Error", format!("Variable does not exist: {name}")))?;
        Ok(Contents::text(format!("{name}: {ty}")))
    }

    fn explain(&self) -> Result<Contents, CellError> {
        let errors = self.last_errors();
        if errors.is_empty() {
            return Err(CellError::new("Error", "No last error to explain"));
        }
        let explanations = errors
            .iter()
            .filter_map(|error| error.code.as_ref()?.explanation.clone());
        let explanations: String = explanations.collect();
        if explanations.is_empty() {
            return Err(CellError::new(
                "Error",
                "Sorry, last error has no explanation",
            ));
        }
        Ok(with_newline(explanations))
    }
}

/// Returns `text` followed by a newline, or nothing if it is empty.
fn with_newline(mut text: String) -> Contents {
    if !text.is_empty() {
        text.push('\n');
    }
    Contents::text(text)
}

/// Runs a shell command and returns its output.
fn shell(command: &str) -> Result<String, CellError> {
    let output = Process::new("sh").arg("-c").arg(command).output();
    let output =
        output.map_err(|error| CellError::new("Error", format!("cannot start sh: {error}")))?;
    let [stdout, stderr] =
        [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    if output.status.success() {
        return Ok(format!("{stdout}{stderr}").trim_end().to_owned());
    }
    let code = output.status.code().unwrap_or_default();
    Err(CellError::new(
        "Error",
        format!(
            "Shell command failed with exit code {code}: {}",
            stderr.trim_end()
        ),
    ))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn crate_error(error: anyhow::Error) -> CellError {
    CellError::new("CrateError", format!("{error:#}"))
}
