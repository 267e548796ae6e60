namespace GenApi.Hosting.Edge;

internal static class ProblemsSetup
{
    public static void AddProblems(this IServiceCollection services)
    {
        services.AddExceptionHandler<ProblemHandler>();
        services.AddProblemDetails();
    }

    /// <summary>
    /// Adds the error handling. It comes after the request log, so that the log sees the status of the answer and not the exception.
    /// </summary>
    public static void UseProblems(this IApplicationBuilder app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages(status => ProblemHandler.WriteBareAsync(status.HttpContext));
    }
}
