//! Reads pictures from the notebook's directory.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use data_encoding::BASE64;
use percent_encoding::percent_decode_str;

use super::image::Image;

/// Larger pictures are not inlined.
const MAX_BYTES: u64 = 10 << 20;

/// A notebook's directory and those below it. Files elsewhere stay out of the page: a stranger's notebook must not
/// copy the reader's files into a page that is then shared.
#[derive(Debug)]
pub struct Folder {
    /// Absolute, with symbolic links resolved.
    path: PathBuf,
}

impl Folder {
    /// # Errors
    /// The operating system's error if the directory cannot be resolved.
    pub fn new(path: &Path) -> io::Result<Self> {
        Ok(Self {
            path: path.canonicalize()?,
        })
    }

    /// Returns the picture at `source`, a relative URL. `None` if it is not a picture, or not in this directory.
    pub fn image(&self, source: &str) -> Option<Image> {
        let path = source.split(['?', '#']).next()?;
        let path = percent_decode_str(path).decode_utf8().ok()?;
        let mime_type = mime_type(&path)?;
        let path = self.path.join(&*path).canonicalize().ok()?;
        if !path.starts_with(&self.path) || !path.is_file() {
            return None;
        }
        let mut bytes = Vec::new();
        let mut file = File::open(path).ok()?.take(MAX_BYTES + 1);
        file.read_to_end(&mut bytes).ok()?;
        // The extension proves nothing: the content must match it.
        let is_picture = bytes.len() as u64 <= MAX_BYTES && begins_as(mime_type, &bytes);
        is_picture.then(|| Image::new(mime_type, &BASE64.encode(&bytes)))?
    }
}

fn mime_type(path: &str) -> Option<&'static str> {
    let extension = Path::new(path).extension()?.to_str()?.to_lowercase();
    Some(match extension.as_str() {
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "gif" => "image/gif",
        _ => return None,
    })
}

fn begins_as(mime_type: &str, bytes: &[u8]) -> bool {
    match mime_type {
        "image/svg+xml" => std::str::from_utf8(bytes).is_ok_and(|text| text.contains("<svg")),
        "image/png" => bytes.starts_with(b"\x89PNG"),
        "image/jpeg" => bytes.starts_with(b"\xff\xd8"),
        "image/webp" => bytes.starts_with(b"RIFF"),
        _ => bytes.starts_with(b"GIF8"),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn pictures_below_the_folder_are_read_and_no_other_file() {
        let root = tempfile::tempdir().expect("a folder");
        let inside = root.path().join("notebooks");
        fs::create_dir_all(inside.join("my pictures")).expect("folders");
        let write = |path: &str, bytes: &[u8]| fs::write(inside.join(path), bytes).expect("a file");
        write("my pictures/a.png", b"\x89PNG\r\n");
        write("a.svg", b"<svg/>");
        write("secret.png", b"no picture");
        write("notes.txt", b"\x89PNG");
        fs::write(root.path().join("outside.png"), b"\x89PNG").expect("a file");
        symlink(root.path().join("outside.png"), inside.join("link.png")).expect("a link");
        let folder = Folder::new(&inside).expect("the folder");
        for source in ["my%20pictures/a.png", "./a.svg?v=1", "my pictures/../a.svg"] {
            assert!(folder.image(source).is_some(), "{source}");
        }
        let absolute = root.path().join("outside.png");
        for source in [
            "secret.png",
            "notes.txt",
            "../outside.png",
            "%2e%2e/outside.png",
            "link.png",
            "none.png",
            "",
            ".",
            "file:///a.png",
            "https://example.com/a.png",
            absolute.to_str().expect("a path"),
        ] {
            assert_eq!(folder.image(source), None, "{source}");
        }
    }
}
