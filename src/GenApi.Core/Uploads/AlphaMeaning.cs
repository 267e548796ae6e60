namespace GenApi.Core.Uploads;

/// <summary>The pixels that a client means to repaint when it sends a mask as the transparency of an image.</summary>
internal enum AlphaMeaning
{
    /// <summary>The transparent ones, as OpenAI's clients mean it.</summary>
    TransparentIsPainted,

    /// <summary>The opaque ones, as AUTOMATIC1111's web UI means it.</summary>
    OpaqueIsPainted,
}
