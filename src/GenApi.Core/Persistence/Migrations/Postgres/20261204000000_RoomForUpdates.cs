using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace GenApi.Core.Persistence.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class RoomForUpdates : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            foreach (var statement in GenApi.Core.Persistence.Postgres.PostgresSchema.RoomForUpdates)
            {
                migrationBuilder.Sql(statement);
            }
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            foreach (var statement in GenApi.Core.Persistence.Postgres.PostgresSchema.NoRoomForUpdates)
            {
                migrationBuilder.Sql(statement);
            }
        }
    }
}
