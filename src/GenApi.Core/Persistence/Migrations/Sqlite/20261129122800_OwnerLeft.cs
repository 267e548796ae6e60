using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace GenApi.Core.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class OwnerLeft : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "OwnerLeftAt",
                table: "Generations",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "CancelAfterSeconds",
                table: "Generations",
                type: "INTEGER",
                nullable: true);

            // Who gave it up no longer finds it by its prompt.
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "PromptTerms_Left" AFTER UPDATE OF "OwnerLeftAt" ON "Generations" WHEN new."OwnerLeftAt" IS NOT NULL BEGIN
                    DELETE FROM "PromptTerms" WHERE rowid = old."Number" << 24 | (SELECT "Number" FROM "SearchAccounts" WHERE "AccountId" = old."OwnerId");
                END;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            // By SQL: EF would copy the table, and its triggers would be gone.
            migrationBuilder.Sql(
                """
                DROP TRIGGER "PromptTerms_Left";
                ALTER TABLE "Generations" DROP COLUMN "CancelAfterSeconds";
                ALTER TABLE "Generations" DROP COLUMN "OwnerLeftAt";
                """);
        }
    }
}
