namespace GenApi.Core.Images.Metadata.Reading;

/// <summary>The tool that wrote the settings into a picture. Each name in lower case is the word that callers see.</summary>
public enum SettingsSource
{
    /// <summary>AUTOMATIC1111's web UI, and the tools that write its form, such as Forge and SD.Next.</summary>
    A1111,
    Comfyui,
    Invokeai,
    Swarmui,
    Fooocus,
    Novelai,

    /// <summary>This service.</summary>
    Genapi,
}
