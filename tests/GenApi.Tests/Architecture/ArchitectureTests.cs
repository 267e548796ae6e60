using System.Text.RegularExpressions;

namespace GenApi.Tests.Architecture;

/// <summary>Holds docs/architecture/rooms.md against the code.</summary>
public sealed partial class ArchitectureTests
{
    private const string Page = "docs/architecture/rooms.md";
    private const int LongestFile = 300;
    private const int LongestLine = 140;
    private const int MostFiles = 25;

    private static readonly string[] Services = ["GenApi", "GenApi.Core", "GenApi.Sandbox"];

    [Fact]
    public void Rooms_of_the_core_use_what_the_page_says() => CheckRooms("GenApi.Core", "## Rooms of the core");

    [Fact]
    public void Rooms_of_the_host_use_what_the_page_says() => CheckRooms("GenApi", "## Rooms of the host");

    [Fact]
    public void Arrows_of_the_core_point_up_the_table()
    {
        var above = new HashSet<string>();
        foreach (var (room, allowed) in Table("## Rooms of the core"))
        {
            Assert.All(allowed, used => Assert.True(
                above.Contains(used), $"{room} may use {used}, which stands below it or is not there."));
            above.Add(room);
        }
    }

    [Fact]
    public void No_rooms_and_no_types_go_round_in_a_circle()
    {
        foreach (var assembly in Services)
            Assert.Empty(Circles.In(RoomsOf(assembly, byFeature: false)).Select(circle => string.Join(" -> ", circle)));
        // The client is one namespace, as its callers want it.
        foreach (var assembly in Services.Append("GenApi.Client"))
            Assert.Empty(Circles.In(CompiledTypes.Of(assembly).Uses).Select(circle => string.Join(" -> ", circle)));
    }

    [Fact]
    public void No_room_is_crowded()
    {
        var crowded = Services.Append("GenApi.Client").SelectMany(project => Sources($"src/{project}")).GroupBy(Path.GetDirectoryName)
            .Where(room => room.Count() > MostFiles).Select(room => $"{room.Key} has {room.Count()} files; {MostFiles} is the limit.");
        Assert.Empty(crowded);
    }

    /// <summary>
    /// A service takes what it needs in its constructor. One that is reached through another hides what a type depends on.
    /// </summary>
    [Fact]
    public void Services_are_not_reached_through_other_services()
    {
        var services = Services.SelectMany(RegisteredServices).Append("System.TimeProvider").ToHashSet();
        var reached = Services.SelectMany(CompiledTypes.Calls)
            .Where(call => call.Called.Name.StartsWith("get_", StringComparison.Ordinal)
                && services.Contains(call.Called.ReturnType.FullName) && services.Contains(call.Called.DeclaringType.FullName)
                && call.Called.DeclaringType.FullName != call.Caller && call.Called.DeclaringType.FullName != "System.TimeProvider")
            .Select(call => $"{call.Caller} reaches {CompiledTypes.NameOf(call.Called.ReturnType.FullName)} "
                + $"through {CompiledTypes.NameOf(call.Called.DeclaringType.FullName)}");
        var found = string.Join('\n', reached.Distinct().Order(StringComparer.Ordinal));
        Assert.True(found.Length == 0, found);
    }

    [Fact]
    public void The_core_knows_no_HTTP_server_and_sandbox_and_client_know_nothing_of_ours()
    {
        Assert.DoesNotContain(
            Sources("src/GenApi.Core"), file => File.ReadAllText(file).Contains("using Microsoft.AspNetCore", StringComparison.Ordinal));
        Assert.DoesNotContain(
            "ProjectReference", File.ReadAllText(Repository.PathOf("src/GenApi.Sandbox/GenApi.Sandbox.csproj")), StringComparison.Ordinal);
        // Nor any package: each would come along into other people's programs.
        var client = File.ReadAllText(Repository.PathOf("src/GenApi.Client/GenApi.Client.csproj"));
        Assert.DoesNotContain("Reference ", client, StringComparison.Ordinal);
        Assert.DoesNotContain(
            "GenApi.Sandbox", File.ReadAllText(Repository.PathOf("src/GenApi.Core/GenApi.Core.csproj")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_host_touches_no_database() =>
        Assert.DoesNotContain(Sources("src/GenApi"), file => File.ReadAllText(file) is var text
            && (text.Contains("DbContext", StringComparison.Ordinal)
                || text.Contains("using Microsoft.EntityFrameworkCore", StringComparison.Ordinal)));

    [Fact]
    public void No_file_scares_and_no_using_is_hidden()
    {
        foreach (var file in new[] { "src", "tests", "bench" }.SelectMany(Sources))
        {
            var lines = File.ReadAllLines(file);
            Assert.True(lines.Length <= LongestFile, $"{file} has {lines.Length} lines; {LongestFile} is the limit.");
            var wide = Array.FindIndex(lines, line => line.Length > LongestLine) + 1;
            Assert.True(wide == 0, $"{file}({wide}) is wider than {LongestLine} characters.");
            Assert.DoesNotContain(lines, line => line.StartsWith("global using GenApi", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Nothing_is_a_stub_and_no_folder_is_for_strangers()
    {
        var strangers = new[] { "Common", "Shared", "Utils", "Utilities", "Helpers", "Managers", "Base" };
        foreach (var file in Sources("src"))
        {
            var text = File.ReadAllText(file);
            Assert.DoesNotContain("NotImplementedException", text, StringComparison.Ordinal);
            Assert.DoesNotContain("TODO", text, StringComparison.Ordinal);
            Assert.DoesNotContain(file.Split(Path.DirectorySeparatorChar), strangers.Contains);
        }
    }

    [Fact]
    public void Each_namespace_is_its_folder()
    {
        foreach (var project in Services.Append("GenApi.Client"))
        {
            var root = Repository.PathOf($"src/{project}");
            foreach (var file in Sources($"src/{project}"))
            {
                var folder = Path.GetRelativePath(root, Path.GetDirectoryName(file)!).Replace(Path.DirectorySeparatorChar, '.');
                var expected = folder == "." || project == "GenApi.Client" ? project : $"{project}.{folder}";
                if (Namespace().Match(File.ReadAllText(file)) is { Success: true } found)
                    Assert.Equal(expected, found.Groups[1].Value);
            }
        }
    }

    private static void CheckRooms(string assembly, string heading)
    {
        var table = Table(heading);
        var rooms = RoomsOf(assembly, byFeature: true);
        Assert.Equal(rooms.Keys.Order(), table.Select(row => row.Room).Order());
        if (Environment.GetEnvironmentVariable("GENAPI_REWRITE_ROOMS") is not null)
        {
            Rewrite(heading, rooms);
            return;
        }
        foreach (var (room, allowed) in table)
            Assert.Equal(rooms[room].Order(StringComparer.Ordinal).Prepend(room), allowed.Order(StringComparer.Ordinal).Prepend(room));
    }

    /// <summary>Writes what is used into the second column; which room stands above which stays a decision.</summary>
    private static void Rewrite(string heading, Dictionary<string, SortedSet<string>> rooms)
    {
        var lines = File.ReadAllLines(Repository.PathOf(Page));
        for (var at = Array.IndexOf(lines, heading) + 1; at < lines.Length && !lines[at].StartsWith("## ", StringComparison.Ordinal); at++)
        {
            if (lines[at].Split('|') is [_, var room, _, var text, _] && rooms.TryGetValue(room.Trim(), out var used))
                lines[at] = $"|{room}| {(used.Count == 0 ? "nothing" : string.Join(", ", used))} |{text}|";
        }
        File.WriteAllText(Repository.PathOf(Page), string.Join('\n', lines) + "\n");
    }

    /// <summary>
    /// Each room of an assembly and the rooms that its types use: <c>Generations/Intake</c>, from the host <c>Core/Generations</c>. What
    /// puts a room together names everything in it, so it counts as no use; Errors may be used by all.
    /// </summary>
    /// <param name="assembly">Without its extension.</param>
    /// <param name="byFeature">Names another feature as a whole.</param>
    private static Dictionary<string, SortedSet<string>> RoomsOf(string assembly, bool byFeature)
    {
        var rooms = new Dictionary<string, SortedSet<string>>();
        foreach (var (type, uses) in CompiledTypes.Of(assembly).Uses)
        {
            var room = Room(assembly, CompiledTypes.NamespaceOf(type));
            if (room is null)
                continue;
            if (!rooms.TryGetValue(room, out var used))
                rooms[room] = used = new SortedSet<string>(StringComparer.Ordinal);
            if (!PutsTogether(type))
                used.UnionWith(
                    uses.Where(each => !PutsTogether(each)).Select(each => Used(room, CompiledTypes.NamespaceOf(each))).OfType<string>());
        }
        return rooms;

        string? Used(string user, string space)
        {
            var room = Room(assembly, space) ?? (
                space.StartsWith("GenApi.Core.", StringComparison.Ordinal) ? "Core/" + Room("GenApi.Core", space) : null);
            if (room is null || room == user || room is "Errors" or "Core/Errors")
                return null;
            return byFeature && Feature(room) != Feature(user) ? Feature(room) : room;
        }
    }

    private static bool PutsTogether(string type) =>
        type.EndsWith("Registration", StringComparison.Ordinal) || type.EndsWith("Routing", StringComparison.Ordinal);

    /// <summary>The first folder; from the host, <c>Core/</c> and that.</summary>
    private static string Feature(string room) =>
        string.Join('/', room.Split('/').Take(room.StartsWith("Core/", StringComparison.Ordinal) ? 2 : 1));

    private static string? Room(string assembly, string space) =>
        space.StartsWith(assembly + ".", StringComparison.Ordinal) && !(assembly == "GenApi" && IsOfAnotherProject(space))
            ? space[(assembly.Length + 1)..].Replace('.', '/')
            : null;

    private static bool IsOfAnotherProject(string space) =>
        new[] { "GenApi.Core", "GenApi.Sandbox", "GenApi.Client" }.Any(
            other => space == other || space.StartsWith(other + ".", StringComparison.Ordinal));

    /// <summary>What the container makes: the type arguments of the calls that register or resolve.</summary>
    private static IEnumerable<string> RegisteredServices(string assembly)
    {
        string[] verbs = ["AddSingleton", "TryAddSingleton", "AddScoped", "AddTransient", "AddHostedService", "GetRequiredService"];
        return CompiledTypes.Calls(assembly).Select(call => call.Called).OfType<Mono.Cecil.GenericInstanceMethod>()
            .Where(called => verbs.Contains(called.Name))
                .SelectMany(called => called.GenericArguments)
                .Select(argument => argument.FullName)
            .Where(name => name.StartsWith("GenApi", StringComparison.Ordinal));
    }

    private static List<(string Room, string[] Allowed)> Table(string heading)
    {
        var page = File.ReadAllText(Repository.PathOf(Page));
        var section = page[page.IndexOf(heading, StringComparison.Ordinal)..];
        var rows = section.Split('\n').SkipWhile(line => !line.StartsWith("|---", StringComparison.Ordinal)).Skip(1)
            .TakeWhile(line => line.StartsWith('|')).Select(line => line.Split('|', StringSplitOptions.TrimEntries)).ToList();
        Assert.NotEmpty(rows);
        return [.. rows.Select(cells => (cells[1], cells[2] == "nothing" ? [] : cells[2].Split(", ")))];
    }

    private static IEnumerable<string> Sources(string folder) => Repository.PathOf(folder) is var path && Directory.Exists(path)
        ? Directory.EnumerateFiles(path, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/Migrations/", StringComparison.Ordinal) && !file.Contains("/obj/", StringComparison.Ordinal))
        : [];

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();
}
