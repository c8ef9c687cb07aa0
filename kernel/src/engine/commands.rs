//! What the commands of a cell do: evcxr's, with its words.

use super::command_line::Line;
use super::contents::Contents;
use super::evaluator::Evaluator;
use crate::cell::commands::helper_path;
use crate::crates::{Dependency, Quota};
use crate::ipc::CellError;
use crate::prebuilt::Toolchain;
use std::process::Command as Process;

/// What other kernels need, and this one does without.
const NOT_NEEDED: [(&str, &str); 5] = [
    (":allow_static_linking", "crates are one dynamic library"),
    (
        ":codegen_backend",
        "crates are optimised, and cells are compiled without",
    ),
    (":preserve_vars_on_panic", "variables outlive panics"),
    (":sccache", "crates are built once, and kept"),
    (
        ":time_passes",
        "`run --timings` tells where the time of each cell goes",
    ),
];

impl Evaluator {
    /// Carries out lines; what they show. Crates that are asked for in lines that follow each other are built together.
    pub(super) fn commands(
        &mut self,
        lines: &[Line],
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

    /// Loads the helper crate and others.
    fn dep(&mut self, lines: &[Line], show: &mut dyn FnMut(&str)) -> Result<Contents, CellError> {
        let folder = std::env::current_dir().unwrap_or_default();
        let mut asked = Vec::new();
        for line in lines {
            if let Some(path) = helper_path(&line.to_string()) {
                self.load_helper(&path, show)
                    .map_err(|error| CellError::new("HelperError", format!("{error:#}")))?;
            } else if let Line::Command { argument, .. } = line {
                asked.push(Dependency::read(argument, &folder).map_err(crate_error)?);
            }
        }
        if asked.is_empty() {
            return Ok(Contents::default());
        }
        let notes = self.load_crates(asked, show).map_err(crate_error)?;
        Ok(with_newline(notes.join("\n")))
    }

    /// Carries out a line; what it shows by MIME types.
    fn command(&mut self, line: &Line) -> Result<Contents, CellError> {
        let error = |error: anyhow::Error| CellError::new("Error", format!("{error:#}"));
        let (name, argument) = match line {
            Line::Command { name, argument } => (name.as_str(), argument.as_str()),
            Line::Shell(command) => return shell(command).map(Contents::text),
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
                self.restart("the process that had it was restarted")
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
            _ => self
                .evcxr
                .execute(&format!("{name} {argument}"))
                .map_err(error),
        }
    }

    /// evcxr's table of commands, and ours.
    fn help(&mut self) -> Result<Contents, CellError> {
        let help = self.evcxr.execute(":help");
        let mut help = help.map_err(|error| CellError::new("Error", format!("{error:#}")))?;
        let (name, words) = (
            ":edition",
            "Set the edition of Rust that cells are written in (2018/2021/2024)",
        );
        if let Some(plain) = help.get_mut("text/plain") {
            plain.push_str(&format!("{name:<17} {words}\n"));
        }
        if let Some(html) = help.get_mut("text/html") {
            let row = format!("<tr><td>{name}</td><td>{words}</td></tr>\n</table>");
            *html = html.replace("</table>", &row);
        }
        Ok(help)
    }

    /// evcxr's table of variables.
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

    /// The crates that the notebook asks for, and in which versions it has them.
    fn show_dependencies(&self) -> Contents {
        let mut text = String::new();
        for dependency in self.crates.dependencies().iter() {
            text.push_str(&format!("{} = {}\n", dependency.name, dependency.value));
        }
        if let Some(library) = self.crates.library() {
            text.push_str(&format!(
                "with all that they need: {}\n",
                library.crates().join(", ")
            ));
        }
        Contents::text(text)
    }

    /// How much room libraries of crates take.
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

/// A line, with its end.
fn with_newline(mut text: String) -> Contents {
    if !text.is_empty() {
        text.push('\n');
    }
    Contents::text(text)
}

/// What a line for the shell writes.
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
