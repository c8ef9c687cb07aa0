//! The clip of the class network.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
use threadbook::prelude::*;
use threadbook::requests::Error as RequestError;
use threadbook::youtube::Error;

const URL: &str = "https://www.youtube.com/watch?v=BxuY9FET9Y4";

fn picture() -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("network/clip/picture.mp4")).unwrap()
}

fn wanted() -> Filter {
    Filter::new().adaptive(true).file_extension("mp4")
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap().flatten();
    entries
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect()
}

#[test]
fn a_download_tells_how_far_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("made/for/it");
    let (progress, steps) = mpsc::channel();
    let (complete, ends) = mpsc::channel();
    let written = target.clone();
    let clip = YouTube::new(URL)
        .on_progress(move |stream, chunk, remaining| {
            assert_eq!(stream.subtype(), "mp4");
            // It has no name before it is complete.
            assert!(!written.join(stream.default_filename()).exists());
            progress.send((chunk.to_vec(), remaining)).unwrap();
        })
        .on_complete(move |stream, path| {
            complete.send((stream.filesize(), path.to_owned())).unwrap()
        });
    let stream = clip.streams().unwrap().filter(wanted()).first().unwrap();
    let began = Instant::now();
    let path = stream.download(&target).unwrap();
    let took = began.elapsed();

    assert_eq!(path, target.join("Two threads, one core.mp4"));
    assert_eq!(
        names(&target),
        BTreeSet::from(["Two threads, one core.mp4".to_owned()])
    );
    let content = picture();
    assert_eq!(fs::read(&path).unwrap(), content);
    let steps: Vec<_> = steps.try_iter().collect();
    assert!((50..=101).contains(&steps.len()), "{}", steps.len());
    assert_eq!(
        steps
            .iter()
            .flat_map(|(chunk, _)| chunk.clone())
            .collect::<Vec<_>>(),
        content
    );
    let mut left = content.len() as u64;
    for (chunk, remaining) in &steps {
        left -= chunk.len() as u64;
        assert_eq!(*remaining, left);
    }
    assert_eq!(left, 0);
    assert_eq!(
        ends.try_iter().collect::<Vec<_>>(),
        [(content.len() as u64, path)]
    );
    // Slow enough for a progress bar to be visible.
    assert!(
        (Duration::from_millis(1500)..Duration::from_secs(6)).contains(&took),
        "{took:?}"
    );
}

#[test]
fn what_is_there_is_not_fetched_again() {
    let folder = tempfile::tempdir().unwrap();
    let (sender, events) = mpsc::channel();
    let complete = sender.clone();
    let clip = YouTube::new(URL)
        .on_progress(move |_, chunk, _| sender.send(chunk.len()).unwrap())
        .on_complete(move |_, _| complete.send(0).unwrap())
        .chunk_size(100_000);
    let stream = clip.streams().unwrap().filter(wanted()).first().unwrap();
    let size = stream.filesize() as usize;
    // A file of another size is not the clip.
    let path = folder.path().join(stream.default_filename());
    fs::write(&path, "half").unwrap();
    assert_eq!(stream.download(folder.path()).unwrap(), path);
    assert_eq!(
        events.try_iter().collect::<Vec<_>>(),
        [100_000, size - 100_000, 0]
    );
    assert_eq!(fs::read(&path).unwrap(), picture());

    assert_eq!(stream.download(folder.path()).unwrap(), path);
    assert_eq!(events.try_iter().collect::<Vec<_>>(), [0]);
}

#[test]
fn a_panic_in_the_callback_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let clip =
        YouTube::new(URL).on_progress(|_, _, remaining| assert!(remaining > 190_000, "enough"));
    let stream = clip.streams().unwrap().filter(wanted()).first().unwrap();
    let ended = catch_unwind(AssertUnwindSafe(|| stream.download(folder.path())));
    assert!(ended.is_err());
    assert_eq!(names(folder.path()), BTreeSet::new());
}

#[test]
fn several_threads_into_one_folder() {
    let folder = tempfile::tempdir().unwrap();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let streams = YouTube::new(URL).streams().unwrap();
                streams
                    .filter(wanted())
                    .first()
                    .unwrap()
                    .download(folder.path())
                    .unwrap();
            });
        }
    });
    assert_eq!(names(folder.path()).len(), 1);
    assert_eq!(
        fs::read(folder.path().join("Two threads, one core.mp4")).unwrap(),
        picture()
    );
}

#[test]
fn a_folder_that_cannot_be() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let stream = YouTube::new(URL).streams().unwrap().first().unwrap();
    let error = stream.download(&file).unwrap_err();
    assert!(matches!(error, Error::File(_)), "{error:?}");
    assert!(
        error
            .to_string()
            .starts_with(&format!("cannot write {}/", file.display())),
        "{error}"
    );
}

#[test]
fn the_streams_and_the_filter() {
    let clip = YouTube::new(URL);
    assert_eq!(clip.title().unwrap(), "Two threads, one core");
    let streams = clip.streams().unwrap();
    assert_eq!(streams.len(), 2);
    let resolutions = |filter: Filter| {
        let chosen = streams.clone().filter(filter);
        chosen
            .iter()
            .map(|stream| stream.resolution().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(resolutions(Filter::new()), ["180p", "360p"]);
    assert_eq!(resolutions(Filter::new().adaptive(true)), ["360p"]);
    assert_eq!(resolutions(Filter::new().progressive(true)), ["180p"]);
    assert_eq!(
        resolutions(Filter::new().resolution("360p").file_extension("mp4")),
        ["360p"]
    );
    assert!(resolutions(Filter::new().file_extension("webm")).is_empty());
}

#[test]
fn another_clip_is_not_in_the_class() {
    let error = YouTube::new("https://www.youtube.com/watch?v=other")
        .streams()
        .unwrap_err();
    assert!(
        matches!(error, Error::Request(RequestError::NotInClass(_))),
        "{error:?}"
    );
    assert!(
        error.to_string().contains("use_network(Network::Live)"),
        "{error}"
    );
}
