//! What the commands of a cell do: evcxr's, with its words.

use super::command_line::Line;
use super::contents::Contents;
use super::evaluator::Evaluator;
use crate::cell::commands::helper_path;
use crate::ipc::CellError;
use crate::prebuilt::Toolchain;
use std::process::Command as Process;

/// The commands of which evcxr knows nothing, or knows less than we.
const OURS: [&str; 20] = [
    ":build_env",
    ":clear",
    ":edition",
    ":efmt",
    ":env",
    ":explain",
    ":fmt",
    ":help",
    ":last_compile_dir",
    ":last_error_json",
    ":linker",
    ":opt",
    ":quit",
    ":restart",
    ":t",
    ":timing",
    ":toolchain",
    ":type",
    ":types",
    ":vars",
];

impl Evaluator {
    /// Carries out lines; what they show. Those for evcxr that follow each other are carried out together, so that it has cargo
    /// build once for all crates.
    pub(super) fn commands(
        &mut self,
        lines: &[Line],
        show: &mut dyn FnMut(&str),
    ) -> Result<Contents, CellError> {
        let mut contents = Contents::default();
        for lines in lines.chunk_by(|one, next| is_for_evcxr(one) && is_for_evcxr(next)) {
            contents.add(match lines {
                [line] if !is_for_evcxr(line) => self.command(line, show)?,
                lines => {
                    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
                    let executed = self.evcxr.execute(&text);
                    executed.map_err(|error| CellError::new("Error", format!("{error:#}")))?
                }
            });
        }
        Ok(contents)
    }

    /// Carries out a line; what it shows by MIME types.
    fn command(&mut self, line: &Line, show: &mut dyn FnMut(&str)) -> Result<Contents, CellError> {
        let error = |error: anyhow::Error| CellError::new("Error", format!("{error:#}"));
        let (name, argument) = match line {
            Line::Command { name, argument } => (name.as_str(), argument.as_str()),
            Line::Shell(command) => return shell(command).map(Contents::text),
        };
        if let Some(path) = helper_path(&line.to_string()) {
            self.load_helper(&path, show)
                .map_err(|error| CellError::new("HelperError", format!("{error:#}")))?;
            return Ok(Contents::default());
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

/// Whether a line is none of our own commands, and does not ask for the helper crate.
fn is_for_evcxr(line: &Line) -> bool {
    match line {
        Line::Command { name, .. } => {
            !OURS.contains(&name.as_str()) && helper_path(&line.to_string()).is_none()
        }
        Line::Shell(_) => false,
    }
}
