namespace GenApi.Sandbox;

internal static class Program
{
    private static void Main() => WebApplication.Create().Run();
}
