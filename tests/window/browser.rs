//! The person's own browser: Chromium, driven by its own driver.

use crate::harness::{Driver, free_port, patiently};
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::json;
use std::process::Command;

/// A browser with an empty profile.
pub struct Browser {
    pub page: Client,
    _driver: Driver,
    _profile: tempfile::TempDir,
}

impl Browser {
    pub async fn start() -> Self {
        let port = free_port();
        let mut command = Command::new("chromedriver");
        command.arg(format!("--port={port}"));
        let driver = Driver::start(command, port).await;
        let profile = tempfile::tempdir().unwrap();
        let options = json!({
            "goog:chromeOptions": {
                "binary": "/usr/bin/chromium",
                "args": [
                    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                    "--disable-background-networking", "--disable-component-update", "--disable-sync",
                    "--window-size=900,760",
                    format!("--user-data-dir={}", profile.path().display()),
                ]
            }
        });
        let capabilities = options.as_object().unwrap().clone();
        let url = format!("http://127.0.0.1:{port}");
        let page = patiently("Chromium", || {
            let mut builder = ClientBuilder::new(hyper_connector());
            builder.capabilities(capabilities.clone());
            let url = url.clone();
            async move { builder.connect(&url).await.ok() }
        })
        .await;
        Self {
            page,
            _driver: driver,
            _profile: profile,
        }
    }

    /// Opens the address that the app gave to the system, and presses a button there.
    pub async fn decide(&self, url: &str, button: &str) {
        self.page.goto(url).await.unwrap();
        let button = self
            .page
            .find(Locator::Id(button))
            .await
            .expect("the page has no such button");
        button.click().await.unwrap();
    }

    /// The words of the page that the app itself serves at the end.
    pub async fn ending(&self) -> String {
        patiently("the page at the end", || async {
            let text = self
                .page
                .find(Locator::Css("main h1"))
                .await
                .ok()?
                .text()
                .await
                .ok()?;
            (!text.is_empty()).then_some(text)
        })
        .await
    }

    pub async fn close(self) {
        self.page.close().await.unwrap();
    }
}

/// Drivers speak plain HTTP on this computer.
pub fn hyper_connector() -> hyper_util::client::legacy::connect::HttpConnector {
    hyper_util::client::legacy::connect::HttpConnector::new()
}
