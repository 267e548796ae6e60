using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace GenApi.Core.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class ImagesInEverySize : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "BinnedAt",
                table: "Images",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "DurationMs",
                table: "Images",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "ThumbHash",
                table: "Images",
                type: "BLOB",
                maxLength: 25,
                nullable: true);

            migrationBuilder.CreateTable(
                name: "ImageTags",
                columns: table => new
                {
                    AccountId = table.Column<byte[]>(type: "BLOB", nullable: false),
                    Tag = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    ImageId = table.Column<byte[]>(type: "BLOB", nullable: false),
                    GenerationCreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    GenerationNumber = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ImageTags", x => new { x.AccountId, x.Tag, x.ImageId });
                });

            migrationBuilder.CreateTable(
                name: "ImageVariants",
                columns: table => new
                {
                    Id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    ImageId = table.Column<byte[]>(type: "BLOB", nullable: false),
                    Recipe = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    BlobKey = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    ContentType = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    Width = table.Column<int>(type: "INTEGER", nullable: false),
                    Height = table.Column<int>(type: "INTEGER", nullable: false),
                    Bytes = table.Column<long>(type: "INTEGER", nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    UsedOn = table.Column<DateOnly>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ImageVariants", x => x.Id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Images_BinnedAt",
                table: "Images",
                column: "BinnedAt",
                filter: "\"BinnedAt\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Images_WithoutThumbHash",
                table: "Images",
                column: "CreatedAt",
                filter: "\"Kind\" = 'Image' AND \"ThumbHash\" IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_ImageTags_AccountId_Tag_GenerationCreatedAt_GenerationNumber",
                table: "ImageTags",
                columns: new[] { "AccountId", "Tag", "GenerationCreatedAt", "GenerationNumber" });

            migrationBuilder.CreateIndex(
                name: "IX_ImageTags_ImageId",
                table: "ImageTags",
                column: "ImageId");

            migrationBuilder.CreateIndex(
                name: "IX_ImageVariants_BlobKey",
                table: "ImageVariants",
                column: "BlobKey");

            migrationBuilder.CreateIndex(
                name: "IX_ImageVariants_ImageId_Recipe",
                table: "ImageVariants",
                columns: new[] { "ImageId", "Recipe" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_ImageVariants_UsedOn_CreatedAt",
                table: "ImageVariants",
                columns: new[] { "UsedOn", "CreatedAt" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "ImageTags");

            migrationBuilder.DropTable(
                name: "ImageVariants");

            migrationBuilder.DropIndex(
                name: "IX_Images_BinnedAt",
                table: "Images");

            migrationBuilder.DropIndex(
                name: "IX_Images_WithoutThumbHash",
                table: "Images");

            migrationBuilder.DropColumn(
                name: "BinnedAt",
                table: "Images");

            migrationBuilder.DropColumn(
                name: "DurationMs",
                table: "Images");

            migrationBuilder.DropColumn(
                name: "ThumbHash",
                table: "Images");
        }
    }
}
