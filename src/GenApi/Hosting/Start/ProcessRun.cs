using GenApi.Core.Persistence.Files;
using GenApi.Hosting.Logs;
using GenApi.Hosting.Settings;
using GenApi.Hosting.Verbs;

namespace GenApi.Hosting.Start;

/// <summary>Runs the process from its command line to its exit code: a verb, or the service until it is stopped.</summary>
internal sealed class ProcessRun
{
    /// <summary>Everything that the executable can do instead of serving.</summary>
    public required Verb[] Verbs { get; init; }

    /// <summary>Prepares the first use of the database on another core, before anything else of a start.</summary>
    public required Action WarmUp { get; init; }

    /// <summary>Registers the services of all rooms. A verb gets them too, and starts none of them.</summary>
    public required Action<WebApplicationBuilder> AddRooms { get; init; }

    /// <summary>Builds the pipeline and maps the routes.</summary>
    public required Action<WebApplication> UseRooms { get; init; }

    /// <returns>The exit code: 0 if everything went well.</returns>
    public async Task<int> RunAsync(string[] args)
    {
        var command = CommandLine.Parse(args, Verbs);
        if (command.Reply is { } reply)
        {
            await (reply.ExitCode == 0 ? Console.Out : Console.Error).WriteAsync(reply.Text);
            return reply.ExitCode;
        }
        PrivateFiles.Require();
        if (command.Verb is null)
            WarmUp();
        IConfiguration? configuration = null;
        HeldLines? lines = null;
        WebApplication? app = null;
        try
        {
            var switches = Switches.Read(command.Settings);
            var builder = HostSettings.CreateBuilder(command.Settings);
            configuration = builder.Configuration;
            builder.AddSettings();
            if (command.Verb is null)
                builder.Services.AddHostedService<StartLines>();
            AddRooms(builder);
            var known = new KnownSettings(configuration).Urls().Sections(builder.Services).TopLevel(switches);
            if (command.Verb is not null)
                return await command.RunAsync(builder);

            ListenAddresses.RequireFree(configuration);
            await Certificates.RequireAsync(configuration, builder.Environment.ContentRootPath);
            builder.Services.AddSingleton(known);
            lines = builder.AddObservability();
            var progress = builder.AddStartProgress();
            app = builder.Build();
            // The last one registered is called first: no log line may follow the progress line on a terminal.
            app.Lifetime.ApplicationStarted.Register(lines.Release);
            app.Lifetime.ApplicationStarted.Register(progress.Dispose);
            UseRooms(app);
            await app.RunAsync();
            return 0;
        }
        catch (Exception failure) when (StartupRefusal.Sentence(failure, configuration) is { } sentence)
        {
            await Console.Error.WriteLineAsync(sentence);
            return command.Refused;
        }
        catch (OperationCanceledException) when (app is { Lifetime.ApplicationStopping.IsCancellationRequested: true })
        {
            // Stopped while it was starting.
            return 0;
        }
        catch
        {
            // A bug: the exception surfaces with its stack, after the log lines that led to it.
            lines?.Release();
            throw;
        }
    }
}
