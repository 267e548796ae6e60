using GenApi.Tests;
using GenApi.Tests.Accounts;
using GenApi.Tests.Accounts.Sessions;
using GenApi.Tests.Chaos;
using GenApi.Tests.Client;
using GenApi.Tests.Documentation;
using GenApi.Tests.Doors.Automatic1111;
using GenApi.Tests.Doors.Clients;
using GenApi.Tests.Doors.Mcp;
using GenApi.Tests.Doors.Repeats;
using GenApi.Tests.Gallery;
using GenApi.Tests.Generations;
using GenApi.Tests.Hosting;
using GenApi.Tests.Images;
using GenApi.Tests.Images.Variants;
using GenApi.Tests.Maintenance;
using GenApi.Tests.Models;
using GenApi.Tests.Page;
using GenApi.Tests.Page.Lasting;
using GenApi.Tests.Page.Many;
using GenApi.Tests.Page.Trouble;
using GenApi.Tests.Replicate;
using GenApi.Tests.Uploads;
using GenApi.Tests.Webhooks;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace GenApi.Tests;

/// <summary>
/// Begins the classes that take longest before all others. In any other order, one of them runs alone at the end, while all processors but
/// one idle. The others follow in the order that xunit gives them.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    /// <summary>Those that took 20 seconds or more in a run of all tests. The clients on Node mostly wait.</summary>
    private static readonly string[] Longest =
    [
        NodeClients.Name,
        .. ((Type[])
        [
            typeof(CrashTests), typeof(ViewTests), typeof(FaultTests), typeof(ChaosTests), typeof(WebhookScheduleTests),
            typeof(ExampleTests), typeof(BudgetTests), typeof(DiskFaultTests), typeof(BackupTests), typeof(InputFileLifeTests),
            typeof(SwaggerPageTests), typeof(ClientTests), typeof(SharedEndTests), typeof(WebUiImagesTests), typeof(SharingTests),
            typeof(GalleryPageTests), typeof(PeopleTests), typeof(PageFaultTests), typeof(VariantMaintenanceTests),
            typeof(MixedOutputTests), typeof(WholeWayTests), typeof(HostileAnswersTests), typeof(MarkupTests), typeof(KeyRoutesTests),
            typeof(TurnTests), typeof(StartLinesTests), typeof(ClockTests), typeof(HeardWebhookTests), typeof(StateTests),
            typeof(LostBytesTests), typeof(InputFileTests), typeof(LookalikeTests), typeof(FsckTests), typeof(LossTests),
            typeof(WebhookClockTests), typeof(LiveTests), typeof(SentWebhookTests), typeof(ClockRestartTests), typeof(CrowdTests),
            typeof(WorstCaseTests), typeof(FullDiskTests), typeof(ListedRowTests), typeof(BilledOnceTests), typeof(WaitTests),
            typeof(LostAnswerTests), typeof(GalleryPagingTests), typeof(LogLegTests), typeof(GenApiClientTests), typeof(McpWaitTests),
            typeof(StoreGoneTests), typeof(ModelRoutesTests), typeof(RepeatTests), typeof(ManyImagesTests), typeof(SessionTests),
        ]).Select(type => type.FullName!),
    ];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. DefaultTestCollectionOrderer.Instance.OrderTestCollections(testCollections).OrderBy(Place)];

    /// <summary>A class that is a collection of its own gives it the name "Test collection for GenApi.Tests.SomeTests (id: …)".</summary>
    private static int Place<TTestCollection>(TTestCollection collection)
        where TTestCollection : ITestCollection
    {
        var name = collection.TestCollectionDisplayName;
        var place = Array.FindIndex(Longest, each => name == each || name.Contains($" {each} ", StringComparison.Ordinal));
        return place < 0 ? Longest.Length : place;
    }
}
