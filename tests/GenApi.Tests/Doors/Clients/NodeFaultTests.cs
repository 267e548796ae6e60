using System.Text.Json;

namespace GenApi.Tests.Doors.Clients;

/// <summary>
/// Clients of other people repeat what they believe lost, each in its own way. However the network fails, the picture is made and paid
/// once.
/// </summary>
[Collection(NodeClients.Name)]
public sealed class NodeFaultTests(ClientApp app)
{
    public static TheoryData<string, NetworkFault> Faults => [.. NodeCases.Faults];

    [Theory, MemberData(nameof(Faults))]
    public async Task A_picture_whose_answer_is_lost_is_paid_once_and_arrives(string client, NetworkFault fault)
    {
        var name = NodeCases.Name(client, fault);
        var marker = NodeCases.Marker(name);
        var result = await app.NodeAsync(name);

        Assert.True(app.CreationsOf(marker) == 1, $"{app.CreationsOf(marker)} creations: {result}");
        Assert.True(result.GetProperty("error").ValueKind == JsonValueKind.Null, result.ToString());
        Assert.Equal(fault == NetworkFault.TimeOut ? 0 : 1, app.ProxyOf(marker).Broken);
    }
}
