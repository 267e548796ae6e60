namespace GenApi.Tests.Doors.Clients;

/// <summary>A way for a network to lose an answer after the request arrived.</summary>
public enum NetworkFault
{
    /// <summary>Nothing is lost.</summary>
    None,

    /// <summary>The connection is reset as soon as something was created.</summary>
    Reset,

    /// <summary>A server between the two gives up as soon as something was created, and answers 500.</summary>
    ServerError,

    /// <summary>The client gives up while the run lasts.</summary>
    TimeOut,

    /// <summary>The answer ends in its middle.</summary>
    CutAnswer,
}
