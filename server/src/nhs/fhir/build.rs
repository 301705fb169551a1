//! Making and changing elements. The order in which they are made does not matter: the writer knows the right one.

use super::Element;

impl Element {
    /// An empty resource of that kind.
    pub fn resource_of(kind: &str) -> Self {
        Self { kind: kind.to_owned(), ..Self::default() }
    }

    /// One more element of that name at the end; nothing where it is empty.
    #[must_use]
    pub fn with(mut self, name: &str, child: impl Into<Self>) -> Self {
        self.push(name, child);
        self
    }

    /// As [`Self::with`], in place.
    pub fn push(&mut self, name: &str, child: impl Into<Self>) {
        let child = child.into();
        if !child.is_empty() {
            self.children.push((name.to_owned(), child));
        }
    }

    /// This and nothing else under that name.
    pub fn set(&mut self, name: &str, child: impl Into<Self>) {
        self.children.retain(|(known, _)| known != name);
        self.push(name, child);
    }

    /// The children of that name, to be changed.
    pub fn children_mut<'a>(&'a mut self, name: &'a str) -> impl Iterator<Item = &'a mut Self> {
        self.children.iter_mut().filter(move |(known, _)| known == name).map(|(_, child)| child)
    }

    /// Changes every value of an element of that name, however deep it lies. Elements nest as deep as the reader lets
    /// them, so this may call itself.
    pub fn change_values(&mut self, name: &str, change: &impl Fn(&str) -> Option<String>) {
        for (known, child) in &mut self.children {
            if known == name
                && let Some(value) = change(&child.value)
            {
                child.value = value;
            }
            child.change_values(name, change);
        }
    }

    /// A `Coding`; `display` may be empty.
    pub fn coding(system: &str, code: &str, display: &str) -> Self {
        Self::default().with("system", system).with("code", code).with("display", display)
    }

    /// A `CodeableConcept` of one coding.
    pub fn concept(system: &str, code: &str, display: &str) -> Self {
        Self::default().with("coding", Self::coding(system, code, display))
    }

    pub fn identifier(system: &str, value: &str) -> Self {
        if value.is_empty() {
            return Self::default();
        }
        Self::default().with("system", system).with("value", value)
    }

    pub fn reference(to: &str) -> Self {
        Self::default().with("reference", to)
    }

    /// Whether one of the codings at that path is this one.
    pub fn has_code(&self, path: &str, system: &str, code: &str) -> bool {
        self.all(path).iter().any(|coding| coding.text("system") == system && coding.text("code") == code)
    }
}

impl From<&str> for Element {
    fn from(value: &str) -> Self {
        Self { value: value.to_owned(), ..Self::default() }
    }
}

impl From<String> for Element {
    fn from(value: String) -> Self {
        Self { value, ..Self::default() }
    }
}
