namespace GenApi.Generations;

/// <summary>The example that the API document shows for every generation.</summary>
internal static class GenerationExample
{
    /// <summary>A test compares its members with the contract.</summary>
    public const string Json = """
        {
          "id": "gen_01kg9n5s00f3mbqfz8xe6ry2jt",
          "status": "succeeded",
          "model": "stability-ai/sdxl",
          "version": "7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc",
          "upstream": "replicate",
          "prediction_id": "76nf07hsg8p2zq928y5cjp1tze",
          "input": { "prompt": "an astronaut riding a horse on the moon, golden hour", "width": 1024, "height": 1024, "seed": 42 },
          "seed": 42,
          "images": [
            {
              "id": "img_01kg9n5y5rf1vsj5t9ewkp4b3d",
              "url": "http://localhost:8080/images/img_01kg9n5y5rf1vsj5t9ewkp4b3d",
              "index": 0,
              "name": null,
              "content_type": "image/png",
              "width": 1024,
              "height": 1024,
              "bytes": 1563572,
              "sha256": "500c5dd1dae66416dc18e566e70c59e8e5808f8d0a0e2fd970eda42ce2d85929"
            }
          ],
          "files": [],
          "output": null,
          "progress": { "percentage": 1, "current": 50, "total": 50 },
          "error": null,
          "timing": { "queued_seconds": 0.012, "starting_seconds": 1.204, "predict_seconds": 3.816,
            "storing_seconds": 0.233, "total_seconds": 5.301, "cold_start": false },
          "cost": null,
          "metadata": { "ticket": "A-17" },
          "account": { "id": "key_01kg9m2c7wf0n8tq4x5s6e9y1a", "name": "web shop" },
          "end_user": "ann",
          "pinned": false,
          "created_at": "2026-01-31T12:00:00Z",
          "started_at": "2026-01-31T12:00:01.216Z",
          "completed_at": "2026-01-31T12:00:05.301Z",
          "urls": {
            "self": "http://localhost:8080/generations/gen_01kg9n5s00f3mbqfz8xe6ry2jt",
            "events": "http://localhost:8080/generations/gen_01kg9n5s00f3mbqfz8xe6ry2jt/events",
            "cancel": "http://localhost:8080/generations/gen_01kg9n5s00f3mbqfz8xe6ry2jt/cancel",
            "logs": "http://localhost:8080/generations/gen_01kg9n5s00f3mbqfz8xe6ry2jt/logs"
          }
        }
        """;
}
