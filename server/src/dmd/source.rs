//! A release on disk: a zip with zips inside, a folder, or single files; bounded, whatever somebody put there.

use super::metered::Metered;
use super::part::{Part, of_name};
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek as _};
use std::path::{Path, PathBuf};
use zip::ZipArchive;

/// A release has about a dozen files.
const MOST_ENTRIES: usize = 1000;
/// The largest file, of the packs, has about 127 MB (medicines.md 1.5).
const LARGEST_FILE: u64 = 1024 * 1024 * 1024;
/// A release has about 50 MB as a zip.
const LARGEST_ZIP: u64 = 512 * 1024 * 1024;
/// XML of dm+d packs 6 to 9 times; what packs far better was made to.
const BEST_RATIO: u64 = 200;
/// Below this a ratio says nothing.
const SMALL: u64 = 1024 * 1024;
/// The supplementary release has its zips in the zip.
const DEEPEST: usize = 3;

/// Why something is no release.
#[derive(Debug, thiserror::Error)]
pub enum NotARelease {
    #[error("{path} cannot be read: {cause}. Nothing was imported.")]
    Unreadable { path: String, cause: io::Error },
    #[error("{path} is not a zip file that can be read ({cause}). Fetch it again; nothing was imported.")]
    NotAZip { path: String, cause: zip::result::ZipError },
    #[error("{path} is {what}, which no release of dm+d is. Nothing was imported.")]
    Hostile { path: String, what: &'static str },
    #[error(
        "There is no {missing} file (f_{missing}….xml). A release needs lookup, ingredient, vtm, vmp, vmpp, amp and ampp: \
         give the whole zip or folder. Nothing was imported."
    )]
    Missing { missing: &'static str },
    #[error(
        "There are two {part} files, {first} and {second}. Give one release at a time; nothing was imported."
    )]
    Twice { part: &'static str, first: String, second: String },
    #[error(
        "{first} and {second} are of different days. Give the files of one release; nothing was imported."
    )]
    DaysDiffer { first: String, second: String },
}

/// Where a file lies.
enum Place {
    File(PathBuf),
    /// Which archive, which entry.
    Entry(usize, usize),
}

/// A release that has been looked through but not read.
pub struct Release {
    /// The day in the files' names.
    pub date: Date,
    files: BTreeMap<Part, (String, Place)>,
    archives: Vec<ZipArchive<File>>,
}

/// Looking through.
#[derive(Default)]
struct Looking {
    files: BTreeMap<Part, (String, Place)>,
    dates: BTreeMap<Part, Date>,
    archives: Vec<ZipArchive<File>>,
    seen: usize,
}

/// Looks for a release in these zips, folders and files, without reading it.
pub fn open(paths: &[PathBuf]) -> Result<Release, NotARelease> {
    let mut looking = Looking::default();
    for path in paths {
        let kind = std::fs::metadata(path).map_err(|cause| unreadable(path, cause))?;
        if kind.is_dir() { looking.folder(path, 0)? } else { looking.file(path)? }
    }
    looking.finish()
}

fn unreadable(path: &Path, cause: io::Error) -> NotARelease {
    NotARelease::Unreadable { path: path.display().to_string(), cause }
}

/// The last part of a name, however it is written; nothing is ever stored under it.
fn last_of(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or_default()
}

fn is_zip(name: &str) -> bool {
    // By bytes: a name in a damaged archive may be cut within a letter.
    let at = name.len().saturating_sub(4);
    at > 0 && name.as_bytes()[at..].eq_ignore_ascii_case(b".zip")
}

impl Looking {
    fn count(&mut self, path: &str) -> Result<(), NotARelease> {
        self.seen += 1;
        if self.seen > MOST_ENTRIES {
            return Err(NotARelease::Hostile { path: path.to_owned(), what: "more than a thousand files" });
        }
        Ok(())
    }

    fn folder(&mut self, folder: &Path, depth: usize) -> Result<(), NotARelease> {
        let entries = std::fs::read_dir(folder).map_err(|cause| unreadable(folder, cause))?;
        let mut paths = entries
            .map(|entry| Ok(entry?.path()))
            .collect::<io::Result<Vec<_>>>()
            .map_err(|cause| unreadable(folder, cause))?;
        paths.sort();
        for path in paths {
            if !path.is_dir() {
                self.file(&path)?;
            } else if depth < DEEPEST {
                self.count(&path.display().to_string())?;
                self.folder(&path, depth + 1)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path) -> Result<(), NotARelease> {
        let shown = path.display().to_string();
        self.count(&shown)?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if is_zip(&name) {
            let file = File::open(path).map_err(|cause| unreadable(path, cause))?;
            return self.zip(file, &shown, 0);
        }
        self.found(&name, Place::File(path.to_owned()))
    }

    /// An archive and the archives in it; those are copied to a file without a name, which goes with the process.
    fn zip(&mut self, file: File, shown: &str, depth: usize) -> Result<(), NotARelease> {
        let hostile = |what| NotARelease::Hostile { path: shown.to_owned(), what };
        let not_a_zip = |cause| NotARelease::NotAZip { path: shown.to_owned(), cause };
        let size = file.metadata().map_err(|cause| unreadable(Path::new(shown), cause))?.len();
        if size > LARGEST_ZIP {
            return Err(hostile("larger than 512 MB"));
        }
        let mut archive = ZipArchive::new(file).map_err(not_a_zip)?;
        let mut inner = Vec::new();
        let number = self.archives.len();
        for index in 0..archive.len() {
            self.count(shown)?;
            let entry = archive.by_index_raw(index).map_err(not_a_zip)?;
            let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
            let name = last_of(&name).to_owned();
            if entry.is_dir() || name.is_empty() {
                continue;
            }
            if entry.encrypted() {
                return Err(hostile("locked with a password"));
            }
            let (packed, whole) = (entry.compressed_size(), entry.size());
            if whole > LARGEST_FILE || (whole > SMALL && whole / packed.max(1) > BEST_RATIO) {
                return Err(hostile("a file that grows without measure when it is unpacked"));
            }
            if is_zip(&name) {
                if depth + 1 >= DEEPEST {
                    return Err(hostile("zips inside zips inside zips"));
                }
                inner.push((index, name));
            } else {
                self.found(&name, Place::Entry(number, index))?;
            }
        }
        let mut copies = Vec::new();
        for (index, name) in inner {
            let shown = format!("{shown}, {name}");
            let copied = copy(&mut archive, index).map_err(|cause| unreadable(Path::new(&shown), cause))?;
            copies.push((copied, shown));
        }
        self.archives.push(archive);
        for (copied, shown) in copies {
            self.zip(copied, &shown, depth + 1)?;
        }
        Ok(())
    }

    fn found(&mut self, name: &str, place: Place) -> Result<(), NotARelease> {
        let Some((part, date)) = of_name(name) else {
            // Schemas and notes lie beside them.
            return Ok(());
        };
        if let Some((first, _)) = self.files.get(&part) {
            let (first, second) = (first.clone(), name.to_owned());
            return Err(NotARelease::Twice { part: part.stem(), first, second });
        }
        self.files.insert(part, (name.to_owned(), place));
        self.dates.insert(part, date);
        Ok(())
    }

    fn finish(self) -> Result<Release, NotARelease> {
        for part in Part::ALL.into_iter().filter(|part| part.required()) {
            if !self.files.contains_key(&part) {
                return Err(NotARelease::Missing { missing: part.stem() });
            }
        }
        let mut day = None;
        for (part, date) in self.dates.iter().filter(|(part, _)| !part.supplementary()) {
            match day {
                None => day = Some((*part, *date)),
                Some((_, first)) if first == *date => {}
                Some((other, _)) => {
                    let name =
                        |part: &Part| self.files.get(part).map(|(name, _)| name.clone()).unwrap_or_default();
                    return Err(NotARelease::DaysDiffer { first: name(&other), second: name(part) });
                }
            }
        }
        let (_, date) = day.ok_or(NotARelease::Missing { missing: Part::Lookup.stem() })?;
        Ok(Release { date, files: self.files, archives: self.archives })
    }
}

fn copy(archive: &mut ZipArchive<File>, index: usize) -> io::Result<File> {
    let entry = archive.by_index(index)?;
    let mut copied = tempfile::tempfile()?;
    let count = io::copy(&mut entry.take(LARGEST_ZIP + 1), &mut copied)?;
    if count > LARGEST_ZIP {
        return Err(io::Error::other("it is larger than 512 MB"));
    }
    copied.rewind()?;
    Ok(copied)
}

impl Release {
    /// The parts that are there, in the order in which they are read, with their names and sizes.
    pub fn parts(&mut self) -> Vec<(Part, String, u64)> {
        let archives = &mut self.archives;
        let sized = self.files.iter().map(|(part, (name, place))| {
            let size = match place {
                Place::File(path) => path.metadata().map_or(0, |known| known.len()),
                Place::Entry(archive, entry) => {
                    archives[*archive].by_index_raw(*entry).map_or(0, |entry| entry.size())
                }
            };
            (*part, name.clone(), size)
        });
        sized.collect()
    }

    /// Reads one part from its beginning with `reading`.
    pub fn read<T>(
        &mut self,
        part: Part,
        reading: impl FnOnce(Metered<&mut dyn Read>) -> T,
    ) -> Result<Option<T>, NotARelease> {
        let Some((name, place)) = self.files.get(&part) else { return Ok(None) };
        match place {
            Place::File(path) => {
                let mut file = File::open(path).map_err(|cause| unreadable(path, cause))?;
                Ok(Some(reading(Metered::new(&mut file as &mut dyn Read, LARGEST_FILE))))
            }
            Place::Entry(archive, entry) => {
                let entry = self.archives[*archive].by_index(*entry);
                let mut entry = entry.map_err(|cause| NotARelease::NotAZip { path: name.clone(), cause })?;
                // What the directory says of its size was looked at; what comes out is counted all the same.
                let limit = entry.size();
                Ok(Some(reading(Metered::new(&mut entry as &mut dyn Read, limit))))
            }
        }
    }
}
