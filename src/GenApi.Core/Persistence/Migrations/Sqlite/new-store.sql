CREATE TABLE "__EFMigrationsHistory" (
    "MigrationId" TEXT NOT NULL CONSTRAINT "PK___EFMigrationsHistory" PRIMARY KEY,
    "ProductVersion" TEXT NOT NULL
);
CREATE TABLE "ApiKeys" (
    "Id" BLOB NOT NULL CONSTRAINT "PK_ApiKeys" PRIMARY KEY,
    "Name" TEXT NOT NULL,
    "Prefix" TEXT NOT NULL,
    "Rights" INTEGER NOT NULL,
    "CreatedAt" INTEGER NOT NULL,
    "ExpiresAt" INTEGER NULL,
    "RevokedAt" INTEGER NULL,
    "LastUsedAt" INTEGER NULL,
    "RequestsPerMinute" INTEGER NULL,
    "GenerationsPerMinute" INTEGER NULL,
    "DayBudgetMicros" INTEGER NULL,
    "MonthBudgetMicros" INTEGER NULL,
    "TotalBudgetMicros" INTEGER NULL,
    "Hash" BLOB NOT NULL,
    "WebhookSalts" TEXT NOT NULL,
    "Revision" INTEGER NOT NULL
, "EndUserDayBudgetMicros" INTEGER NULL, "EndUserMonthBudgetMicros" INTEGER NULL, "EndUserTotalBudgetMicros" INTEGER NULL);
CREATE TABLE "AuditEntries" (
    "Number" INTEGER NOT NULL CONSTRAINT "PK_AuditEntries" PRIMARY KEY AUTOINCREMENT,
    "At" INTEGER NOT NULL,
    "Act" TEXT NOT NULL,
    "ActorKeyId" BLOB NULL,
    "ActorName" TEXT NOT NULL,
    "From" TEXT NOT NULL,
    "KeyId" BLOB NOT NULL,
    "KeyName" TEXT NOT NULL,
    "ThingId" TEXT NULL,
    "Detail" TEXT NULL
);
CREATE TABLE "GenerationGrants" (
    "AccountId" BLOB NOT NULL,
    "CreatedAt" INTEGER NOT NULL,
    "Number" INTEGER NOT NULL,
    CONSTRAINT "PK_GenerationGrants" PRIMARY KEY ("AccountId", "CreatedAt", "Number")
);
CREATE TABLE "Generations" (
    "Number" INTEGER NOT NULL CONSTRAINT "PK_Generations" PRIMARY KEY AUTOINCREMENT,
    "Id" BLOB NOT NULL,
    "OwnerId" BLOB NOT NULL,
    "TraceParent" TEXT NULL,
    "Revision" INTEGER NOT NULL,
    "Status" TEXT NOT NULL,
    "Model" TEXT NOT NULL,
    "Version" TEXT NULL,
    "Upstream" TEXT NOT NULL,
    "Prompt" TEXT NOT NULL,
    "Input" TEXT NOT NULL,
    "InputFiles" TEXT NULL,
    "Seed" INTEGER NULL,
    "Metadata" TEXT NOT NULL,
    "CacheKey" TEXT NOT NULL,
    "ReuseKey" TEXT NOT NULL,
    "FlightKey" TEXT NULL,
    "IsAnswer" INTEGER NOT NULL,
    "Attempts" INTEGER NOT NULL,
    "SubmittingAt" INTEGER NULL,
    "PredictionId" TEXT NULL,
    "CancelAfterSeconds" INTEGER NULL,
    "DeadlineAt" INTEGER NULL,
    "Logs" TEXT NULL,
    "ProgressCurrent" INTEGER NULL,
    "ProgressTotal" INTEGER NULL,
    "Outputs" TEXT NULL,
    "Output" TEXT NULL,
    "ErrorCode" TEXT NULL,
    "ErrorMessage" TEXT NULL,
    "ErrorMembers" TEXT NULL,
    "CreatedAt" INTEGER NOT NULL,
    "AcceptedAt" INTEGER NULL,
    "StartedAt" INTEGER NULL,
    "StoringAt" INTEGER NULL,
    "CompletedAt" INTEGER NULL,
    "PredictSeconds" REAL NULL,
    "UpstreamSeconds" REAL NULL,
    "UpstreamEnding" TEXT NULL,
    "OutputCount" INTEGER NULL,
    "CountedImages" INTEGER NULL,
    "IsColdStart" INTEGER NULL,
    "Work" INTEGER NOT NULL,
    "Price" TEXT NULL,
    "ExpectedMicros" INTEGER NULL,
    "EstimatedMicros" INTEGER NULL,
    "CostMicros" INTEGER NULL,
    "IsFree" INTEGER NOT NULL,
    "CancelRequestedAt" INTEGER NULL,
    "OwnerLeftAt" INTEGER NULL,
    "DeleteRequestedAt" INTEGER NULL,
    "Listeners" INTEGER NOT NULL,
    "IsPinned" INTEGER NOT NULL,
    "UsedOn" TEXT NOT NULL,
    "Fetches" INTEGER NOT NULL,
    "Lease_Owner" TEXT NULL,
    "Lease_Until" INTEGER NULL
, "Door" TEXT NULL, "EndUser" TEXT NULL, "Fingerprint" BLOB NULL, "UnansweredAt" INTEGER NULL, "Lease_Epoch" INTEGER NOT NULL DEFAULT 0);
CREATE TABLE "IdempotencyKeys" (
    "Scope" TEXT NOT NULL,
    "Key" TEXT NOT NULL,
    "BodyHash" TEXT NOT NULL,
    "GenerationId" BLOB NOT NULL,
    "ExpiresAt" INTEGER NOT NULL,
    CONSTRAINT "PK_IdempotencyKeys" PRIMARY KEY ("Scope", "Key")
);
CREATE TABLE "Images" (
    "Id" BLOB NOT NULL CONSTRAINT "PK_Images" PRIMARY KEY,
    "GenerationId" BLOB NOT NULL,
    "Kind" TEXT NOT NULL,
    "Index" INTEGER NOT NULL,
    "BlobKey" TEXT NOT NULL,
    "ContentType" TEXT NOT NULL,
    "Width" INTEGER NULL,
    "Height" INTEGER NULL,
    "Bytes" INTEGER NOT NULL,
    "FileName" TEXT NOT NULL,
    "CreatedAt" INTEGER NOT NULL,
    "LostAt" INTEGER NULL
, "BinnedAt" INTEGER NULL, "DurationMs" INTEGER NULL, "ThumbHash" BLOB NULL);
CREATE TABLE "KeepWarmRuns" (
    "Number" INTEGER NOT NULL CONSTRAINT "PK_KeepWarmRuns" PRIMARY KEY AUTOINCREMENT,
    "GenerationId" BLOB NOT NULL,
    "Upstream" TEXT NOT NULL,
    "Alias" TEXT NOT NULL,
    "Day" TEXT NOT NULL,
    "StartedAt" INTEGER NOT NULL,
    "ReservedMicros" INTEGER NOT NULL,
    "CostMicros" INTEGER NULL,
    "ClearedAt" INTEGER NULL
);
CREATE TABLE "ModelRuns" (
    "Number" INTEGER NOT NULL CONSTRAINT "PK_ModelRuns" PRIMARY KEY AUTOINCREMENT,
    "Upstream" TEXT NOT NULL,
    "Model" TEXT NOT NULL,
    "Version" TEXT NOT NULL,
    "EndedAt" INTEGER NOT NULL,
    "StartingSeconds" REAL NULL,
    "PredictSeconds" REAL NULL,
    "TookSeconds" REAL NULL,
    "Work" INTEGER NOT NULL,
    "IsCold" INTEGER NULL,
    "IdleSeconds" REAL NULL
);
CREATE TABLE "Models" (
    "Upstream" TEXT NOT NULL,
    "Reference" TEXT NOT NULL,
    "Owner" TEXT NOT NULL,
    "Name" TEXT NOT NULL,
    "Version" TEXT NULL,
    "IsOfficial" INTEGER NOT NULL,
    "Schema" TEXT NULL,
    "FetchedAt" INTEGER NOT NULL,
    "Description" TEXT NULL,
    "RunCount" INTEGER NULL,
    "CoverImageUrl" TEXT NULL,
    "Example" TEXT NULL,
    "DescribedAt" INTEGER NULL,
    CONSTRAINT "PK_Models" PRIMARY KEY ("Upstream", "Reference")
);
CREATE TABLE "SentFiles" (
    "Upstream" TEXT NOT NULL,
    "Sha256" TEXT NOT NULL,
    "FileId" TEXT NOT NULL,
    "Url" TEXT NOT NULL,
    "ExpiresAt" INTEGER NOT NULL,
    CONSTRAINT "PK_SentFiles" PRIMARY KEY ("Upstream", "Sha256")
);
CREATE TABLE "Uploads" (
    "Id" BLOB NOT NULL CONSTRAINT "PK_Uploads" PRIMARY KEY,
    "OwnerId" BLOB NOT NULL,
    "BlobKey" TEXT NOT NULL,
    "ContentType" TEXT NOT NULL,
    "Width" INTEGER NOT NULL,
    "Height" INTEGER NOT NULL,
    "Bytes" INTEGER NOT NULL,
    "CreatedAt" INTEGER NOT NULL,
    "LastUsedAt" INTEGER NOT NULL,
    "IsOurs" INTEGER NOT NULL,
    "InverseOf" TEXT NULL
, "Metadata" TEXT NULL, "Name" TEXT NULL);
CREATE TABLE "UsageEntries" (
    "Number" INTEGER NOT NULL CONSTRAINT "PK_UsageEntries" PRIMARY KEY AUTOINCREMENT,
    "At" INTEGER NOT NULL,
    "AcceptedAt" INTEGER NOT NULL,
    "AccountId" BLOB NOT NULL,
    "Model" TEXT NOT NULL,
    "Upstream" TEXT NOT NULL,
    "Kind" TEXT NOT NULL,
    "GenerationId" BLOB NOT NULL,
    "Status" TEXT NOT NULL,
    "Count" INTEGER NOT NULL,
    "Images" INTEGER NOT NULL,
    "PredictMilliseconds" INTEGER NOT NULL,
    "DurationMilliseconds" INTEGER NOT NULL,
    "CostMicros" INTEGER NULL,
    "SavedMicros" INTEGER NOT NULL,
    "IsFree" INTEGER NOT NULL
, "EndUser" TEXT NOT NULL DEFAULT '');
CREATE TABLE "WebhookDeliveries" (
    "Number" INTEGER NOT NULL CONSTRAINT "PK_WebhookDeliveries" PRIMARY KEY AUTOINCREMENT,
    "Id" BLOB NOT NULL,
    "SubjectId" BLOB NOT NULL,
    "AccountId" BLOB NOT NULL,
    "Event" TEXT NOT NULL,
    "Url" TEXT NOT NULL,
    "Host" TEXT NOT NULL,
    "Body" TEXT NOT NULL,
    "CreatedAt" INTEGER NOT NULL,
    "State" TEXT NOT NULL,
    "NextAttemptAt" INTEGER NULL,
    "DeliveredAt" INTEGER NULL,
    "Tries" INTEGER NOT NULL,
    "Round" INTEGER NOT NULL,
    "AttemptLog" TEXT NOT NULL
, "ClaimedBy" TEXT NULL, "ClaimedUntil" INTEGER NULL);
CREATE TABLE "WebhookSubscriptions" (
    "Number" INTEGER NOT NULL CONSTRAINT "PK_WebhookSubscriptions" PRIMARY KEY AUTOINCREMENT,
    "SubjectId" BLOB NOT NULL,
    "AccountId" BLOB NOT NULL,
    "Url" TEXT NOT NULL,
    "Events" INTEGER NOT NULL,
    "BaseUrl" TEXT NOT NULL
);
CREATE UNIQUE INDEX "IX_ApiKeys_Prefix" ON "ApiKeys" ("Prefix");
CREATE INDEX "IX_ApiKeys_Revision" ON "ApiKeys" ("Revision");
CREATE INDEX "IX_GenerationGrants_Number" ON "GenerationGrants" ("Number");
CREATE INDEX "IX_Generations_CacheKey_Number" ON "Generations" ("CacheKey", "Number");
CREATE INDEX "IX_Generations_CreatedAt_Number" ON "Generations" ("CreatedAt", "Number");
CREATE UNIQUE INDEX "IX_Generations_FlightKey" ON "Generations" ("FlightKey") WHERE "CompletedAt" IS NULL;
CREATE UNIQUE INDEX "IX_Generations_Id" ON "Generations" ("Id");
CREATE INDEX "IX_Generations_Model_CreatedAt_Number" ON "Generations" ("Model", "CreatedAt", "Number");
CREATE INDEX "IX_Generations_OwnerId_CreatedAt_Number" ON "Generations" ("OwnerId", "CreatedAt", "Number");
CREATE INDEX "IX_Generations_OwnerId_Status_CreatedAt_Number" ON "Generations" ("OwnerId", "Status", "CreatedAt", "Number");
CREATE INDEX "IX_Generations_Pinned" ON "Generations" ("CreatedAt", "Number") WHERE "IsPinned";
CREATE UNIQUE INDEX "IX_Generations_PredictionId" ON "Generations" ("PredictionId");
CREATE INDEX "IX_Generations_ReuseKey_Number" ON "Generations" ("ReuseKey", "Number");
CREATE INDEX "IX_Generations_Status_CreatedAt_Number" ON "Generations" ("Status", "CreatedAt", "Number");
CREATE INDEX "IX_Generations_Unfinished" ON "Generations" ("CompletedAt") WHERE "CompletedAt" IS NULL;
CREATE INDEX "IX_Generations_UsedOn_Fetches_Number" ON "Generations" ("UsedOn", "Fetches", "Number");
CREATE INDEX "IX_Generations_Waiting" ON "Generations" ("Upstream", "Model", "Number") WHERE "CompletedAt" IS NULL AND "Lease_Owner" IS NULL;
CREATE INDEX "IX_IdempotencyKeys_ExpiresAt" ON "IdempotencyKeys" ("ExpiresAt");
CREATE INDEX "IX_Images_BlobKey" ON "Images" ("BlobKey");
CREATE UNIQUE INDEX "IX_Images_GenerationId_Index" ON "Images" ("GenerationId", "Index");
CREATE INDEX "IX_KeepWarmRuns_Day_Upstream_Alias" ON "KeepWarmRuns" ("Day", "Upstream", "Alias");
CREATE UNIQUE INDEX "IX_KeepWarmRuns_GenerationId" ON "KeepWarmRuns" ("GenerationId");
CREATE INDEX "IX_KeepWarmRuns_Open" ON "KeepWarmRuns" ("ClearedAt") WHERE "ClearedAt" IS NULL;
CREATE INDEX "IX_ModelRuns_Upstream_Model_Version_Number" ON "ModelRuns" ("Upstream", "Model", "Version", "Number");
CREATE INDEX "IX_SentFiles_Url" ON "SentFiles" ("Url");
CREATE INDEX "IX_Uploads_BlobKey" ON "Uploads" ("BlobKey");
CREATE INDEX "IX_Uploads_InverseOf" ON "Uploads" ("InverseOf") WHERE "InverseOf" IS NOT NULL;
CREATE INDEX "IX_Uploads_LastUsedAt" ON "Uploads" ("LastUsedAt");
CREATE INDEX "IX_UsageEntries_At" ON "UsageEntries" ("At");
CREATE INDEX "IX_UsageEntries_Free" ON "UsageEntries" ("Upstream") WHERE "IsFree";
CREATE UNIQUE INDEX "IX_UsageEntries_GenerationId" ON "UsageEntries" ("GenerationId") WHERE "Kind" = 'Run';
CREATE UNIQUE INDEX "IX_WebhookDeliveries_Id" ON "WebhookDeliveries" ("Id");
CREATE INDEX "IX_WebhookDeliveries_NextAttemptAt_Host" ON "WebhookDeliveries" ("NextAttemptAt", "Host") WHERE "NextAttemptAt" IS NOT NULL;
CREATE INDEX "IX_WebhookDeliveries_SubjectId_Number" ON "WebhookDeliveries" ("SubjectId", "Number");
CREATE INDEX "IX_WebhookSubscriptions_SubjectId" ON "WebhookSubscriptions" ("SubjectId");
CREATE TABLE "SearchAccounts" ("Number" INTEGER PRIMARY KEY CHECK ("Number" < 16777216), "AccountId" BLOB NOT NULL UNIQUE);
CREATE VIRTUAL TABLE "PromptTerms" USING fts5("Terms", content='', contentless_delete=1, tokenize="ascii tokenchars '_'");
CREATE TABLE "UnindexedPrompts" ("Number" INTEGER PRIMARY KEY);
CREATE TABLE "ImageTags" (
    "AccountId" BLOB NOT NULL,
    "Tag" TEXT NOT NULL,
    "ImageId" BLOB NOT NULL,
    "GenerationCreatedAt" INTEGER NOT NULL,
    "GenerationNumber" INTEGER NOT NULL,
    CONSTRAINT "PK_ImageTags" PRIMARY KEY ("AccountId", "Tag", "ImageId")
);
CREATE TABLE "ImageVariants" (
    "Id" BLOB NOT NULL CONSTRAINT "PK_ImageVariants" PRIMARY KEY,
    "ImageId" BLOB NOT NULL,
    "Recipe" TEXT NOT NULL,
    "BlobKey" TEXT NOT NULL,
    "ContentType" TEXT NOT NULL,
    "Width" INTEGER NOT NULL,
    "Height" INTEGER NOT NULL,
    "Bytes" INTEGER NOT NULL,
    "CreatedAt" INTEGER NOT NULL,
    "UsedOn" TEXT NOT NULL
);
CREATE INDEX "IX_Images_BinnedAt" ON "Images" ("BinnedAt") WHERE "BinnedAt" IS NOT NULL;
CREATE INDEX "IX_Images_WithoutThumbHash" ON "Images" ("CreatedAt") WHERE "Kind" = 'Image' AND "ThumbHash" IS NULL;
CREATE INDEX "IX_ImageTags_AccountId_Tag_GenerationCreatedAt_GenerationNumber" ON "ImageTags" ("AccountId", "Tag", "GenerationCreatedAt", "GenerationNumber");
CREATE INDEX "IX_ImageTags_ImageId" ON "ImageTags" ("ImageId");
CREATE INDEX "IX_ImageVariants_BlobKey" ON "ImageVariants" ("BlobKey");
CREATE UNIQUE INDEX "IX_ImageVariants_ImageId_Recipe" ON "ImageVariants" ("ImageId", "Recipe");
CREATE INDEX "IX_ImageVariants_UsedOn_CreatedAt" ON "ImageVariants" ("UsedOn", "CreatedAt");
CREATE TABLE "EndUsers" (
    "AccountId" BLOB NOT NULL,
    "Id" TEXT NOT NULL,
    "Email" TEXT NULL,
    "Name" TEXT NULL,
    "SeenAt" INTEGER NOT NULL,
    CONSTRAINT "PK_EndUsers" PRIMARY KEY ("AccountId", "Id")
);
CREATE TABLE "GenerationBatches" (
    "Id" BLOB NOT NULL CONSTRAINT "PK_GenerationBatches" PRIMARY KEY,
    "AccountId" BLOB NOT NULL,
    "Door" TEXT NOT NULL,
    "Generations" TEXT NOT NULL,
    "Answer" TEXT NOT NULL,
    "CreatedAt" INTEGER NOT NULL
);
CREATE INDEX "IX_Generations_Fingerprint_Number" ON "Generations" ("Fingerprint", "Number") WHERE "Fingerprint" IS NOT NULL;
CREATE INDEX "IX_GenerationBatches_CreatedAt" ON "GenerationBatches" ("CreatedAt");
CREATE TABLE "UsageDays" (
    "Day" TEXT NOT NULL,
    "AccountId" BLOB NOT NULL,
    "Model" TEXT NOT NULL,
    "Upstream" TEXT NOT NULL,
    "Status" TEXT NOT NULL,
    "EndUser" TEXT NOT NULL,
    "Runs" INTEGER NOT NULL,
    "Hits" INTEGER NOT NULL,
    "Joined" INTEGER NOT NULL,
    "Images" INTEGER NOT NULL,
    "PredictMilliseconds" INTEGER NOT NULL,
    "CostMicros" INTEGER NOT NULL,
    "SavedMicros" INTEGER NOT NULL,
    "Unpriced" INTEGER NOT NULL,
    CONSTRAINT "PK_UsageDays" PRIMARY KEY ("Day", "AccountId", "Model", "Upstream", "Status", "EndUser")
);
CREATE TABLE "BudgetPeriods" (
    "AccountId" BLOB NOT NULL,
    "Upstream" TEXT NOT NULL,
    "Period" TEXT NOT NULL,
    "EndUser" TEXT NOT NULL,
    "SpentMicros" INTEGER NOT NULL,
    "ReservedMicros" INTEGER NOT NULL,
    CONSTRAINT "PK_BudgetPeriods" PRIMARY KEY ("AccountId", "Upstream", "Period", "EndUser")
);
CREATE TABLE "BlobRemovals" (
    "Key" TEXT NOT NULL CONSTRAINT "PK_BlobRemovals" PRIMARY KEY,
    "DueAt" INTEGER NOT NULL,
    "BeganAt" INTEGER NULL,
    "EndedAt" INTEGER NULL
);
CREATE TABLE "Changes" (
    "Seq" INTEGER NOT NULL CONSTRAINT "PK_Changes" PRIMARY KEY AUTOINCREMENT,
    "Kind" INTEGER NOT NULL,
    "Subject" BLOB NOT NULL,
    "Number" INTEGER NULL,
    "Account" BLOB NULL,
    "Source" TEXT NULL,
    "At" INTEGER NOT NULL
);
CREATE TABLE "Instances" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Instances" PRIMARY KEY,
    "Host" TEXT NOT NULL,
    "Version" TEXT NOT NULL,
    "StartedAt" INTEGER NOT NULL,
    "AliveUntil" INTEGER NOT NULL
);
CREATE TABLE "LeaderTerms" (
    "Name" TEXT NOT NULL CONSTRAINT "PK_LeaderTerms" PRIMARY KEY,
    "Holder" TEXT NOT NULL,
    "Term" INTEGER NOT NULL,
    "Until" INTEGER NOT NULL
);
CREATE TABLE "PredictionNotices" (
    "Number" INTEGER NOT NULL CONSTRAINT "PK_PredictionNotices" PRIMARY KEY AUTOINCREMENT,
    "GenerationId" BLOB NOT NULL,
    "Body" TEXT NOT NULL,
    "ReceivedAt" INTEGER NOT NULL
);
CREATE TABLE "Secrets" (
    "Name" TEXT NOT NULL CONSTRAINT "PK_Secrets" PRIMARY KEY,
    "Value" BLOB NOT NULL,
    "CreatedAt" INTEGER NOT NULL
);
CREATE TABLE "SharedRates" (
    "Name" TEXT NOT NULL CONSTRAINT "PK_SharedRates" PRIMARY KEY,
    "Tokens" REAL NOT NULL,
    "At" INTEGER NOT NULL
);
CREATE INDEX "IX_BlobRemovals_DueAt" ON "BlobRemovals" ("DueAt");
CREATE INDEX "IX_Changes_At" ON "Changes" ("At");
CREATE INDEX "IX_PredictionNotices_GenerationId" ON "PredictionNotices" ("GenerationId");
CREATE TRIGGER "AuditEntries_Delete" BEFORE DELETE ON "AuditEntries" BEGIN SELECT RAISE(ABORT, 'Audit entries are never changed or deleted.'); END;
CREATE TRIGGER "AuditEntries_Update" BEFORE UPDATE ON "AuditEntries" BEGIN SELECT RAISE(ABORT, 'Audit entries are never changed or deleted.'); END;
CREATE TRIGGER "PromptTerms_Left" AFTER UPDATE OF "OwnerLeftAt" ON "Generations" WHEN new."OwnerLeftAt" IS NOT NULL BEGIN
    DELETE FROM "PromptTerms" WHERE rowid = old."Number" << 24 | (SELECT "Number" FROM "SearchAccounts" WHERE "AccountId" = old."OwnerId");
END;
CREATE TRIGGER "PromptTerms_Removed" AFTER DELETE ON "Generations" BEGIN
    DELETE FROM "PromptTerms" WHERE rowid BETWEEN old."Number" << 24 AND old."Number" << 24 | 16777215;
    DELETE FROM "UnindexedPrompts" WHERE "Number" = old."Number";
END;
CREATE TRIGGER "PromptTerms_Taken" AFTER DELETE ON "GenerationGrants" BEGIN
    DELETE FROM "PromptTerms" WHERE rowid = old."Number" << 24 | (SELECT "Number" FROM "SearchAccounts" WHERE "AccountId" = old."AccountId");
END;
CREATE TRIGGER "UsageDays_Added" AFTER INSERT ON "UsageEntries" BEGIN
    INSERT INTO "UsageDays" ("Day", "AccountId", "Model", "Upstream", "Status", "EndUser", "Runs", "Hits", "Joined", "Images", "PredictMilliseconds", "CostMicros", "SavedMicros", "Unpriced")
    VALUES (
        date((new."At" - 621355968000000000) / 10000000, 'unixepoch'), new."AccountId", new."Model", new."Upstream", new."Status", new."EndUser",
        new."Kind" = 'Run', iif(new."Kind" = 'Hit', new."Count", 0), iif(new."Kind" = 'Joined', new."Count", 0), new."Images", new."PredictMilliseconds",
        COALESCE(new."CostMicros", 0), new."SavedMicros", new."Kind" = 'Run' AND new."CostMicros" IS NULL)
    ON CONFLICT ("Day", "AccountId", "Model", "Upstream", "Status", "EndUser") DO UPDATE SET
        "Runs" = "Runs" + excluded."Runs", "Hits" = "Hits" + excluded."Hits", "Joined" = "Joined" + excluded."Joined", "Images" = "Images" + excluded."Images",
        "PredictMilliseconds" = "PredictMilliseconds" + excluded."PredictMilliseconds", "CostMicros" = "CostMicros" + excluded."CostMicros",
        "SavedMicros" = "SavedMicros" + excluded."SavedMicros", "Unpriced" = "Unpriced" + excluded."Unpriced";
END;
INSERT INTO "__EFMigrationsHistory" VALUES ('20261130000000_Initial', '10.0.15');
INSERT INTO "__EFMigrationsHistory" VALUES ('20261201000000_ImagesInEverySize', '10.0.15');
INSERT INTO "__EFMigrationsHistory" VALUES ('20261202000000_Doors', '10.0.15');
INSERT INTO "__EFMigrationsHistory" VALUES ('20261203000000_Cluster', '10.0.15');
INSERT INTO "SearchAccounts" VALUES (0, x'00');
