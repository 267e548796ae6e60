using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace GenApi.Core.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class SearchByAccount : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // Terms are made by code (SearchTerms) and only split here; the rows that are there wait in UnindexedPrompts until the service
            // has indexed them.
            migrationBuilder.Sql(
                """
                DROP TRIGGER IF EXISTS "GenerationPrompts_Added";
                DROP TRIGGER IF EXISTS "GenerationPrompts_Removed";
                DROP TABLE "GenerationPrompts";
                CREATE TABLE "SearchAccounts" ("Number" INTEGER PRIMARY KEY CHECK ("Number" < 16777216), "AccountId" BLOB NOT NULL UNIQUE);
                INSERT INTO "SearchAccounts" VALUES (0, x'00');
                CREATE VIRTUAL TABLE "PromptTerms" USING fts5("Terms", content='', contentless_delete=1, tokenize="ascii tokenchars '_'");
                CREATE TABLE "UnindexedPrompts" ("Number" INTEGER PRIMARY KEY);
                INSERT INTO "UnindexedPrompts" SELECT "Number" FROM "Generations";
                CREATE TRIGGER "PromptTerms_Removed" AFTER DELETE ON "Generations" BEGIN
                    DELETE FROM "PromptTerms" WHERE rowid BETWEEN old."Number" << 24 AND old."Number" << 24 | 16777215;
                    DELETE FROM "UnindexedPrompts" WHERE "Number" = old."Number";
                END;
                CREATE TRIGGER "PromptTerms_Taken" AFTER DELETE ON "GenerationGrants" BEGIN
                    DELETE FROM "PromptTerms" WHERE rowid = old."Number" << 24 | (SELECT "Number" FROM "SearchAccounts" WHERE "AccountId" = old."AccountId");
                END;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(
                """
                DROP TRIGGER IF EXISTS "PromptTerms_Removed";
                DROP TRIGGER IF EXISTS "PromptTerms_Taken";
                DROP TABLE "UnindexedPrompts";
                DROP TABLE "PromptTerms";
                DROP TABLE "SearchAccounts";
                CREATE VIRTUAL TABLE "GenerationPrompts" USING fts5("Prompt", content='Generations', content_rowid='Number', tokenize='unicode61 remove_diacritics 2');
                INSERT INTO "GenerationPrompts"("GenerationPrompts") VALUES ('rebuild');
                CREATE TRIGGER "GenerationPrompts_Added" AFTER INSERT ON "Generations" BEGIN
                    INSERT INTO "GenerationPrompts"(rowid, "Prompt") VALUES (new."Number", new."Prompt");
                END;
                CREATE TRIGGER "GenerationPrompts_Removed" AFTER DELETE ON "Generations" BEGIN
                    INSERT INTO "GenerationPrompts"("GenerationPrompts", rowid, "Prompt") VALUES ('delete', old."Number", old."Prompt");
                END;
                """);
        }
    }
}
