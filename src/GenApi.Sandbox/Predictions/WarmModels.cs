using System.Collections.Concurrent;
using GenApi.Sandbox.Control;
using GenApi.Sandbox.Models;

namespace GenApi.Sandbox.Predictions;

/// <summary>Knows which models are booted. While a model boots, all its runs wait for the same moment.</summary>
internal sealed class WarmModels(SandboxOptions options)
{
    private sealed class State
    {
        public DateTimeOffset BootedAt = DateTimeOffset.MinValue;
        public DateTimeOffset LastUsedAt = DateTimeOffset.MinValue;
    }

    private readonly ConcurrentDictionary<string, State> _states = new();

    /// <returns>The time at which a run requested now can start.</returns>
    public DateTimeOffset StartOf(ModelDefinition model, DateTimeOffset now)
    {
        var boot = options.Pace(model.BootTime);
        if (boot == TimeSpan.Zero || model.AlwaysCold)
            return now + boot;
        var state = _states.GetOrAdd(model.FullName, _ => new State());
        lock (state)
        {
            if (now >= state.BootedAt && (state.LastUsedAt == DateTimeOffset.MinValue || now - state.LastUsedAt > options.ColdAfter))
                state.BootedAt = now + boot;
            state.LastUsedAt = now > state.BootedAt ? now : state.BootedAt;
            return state.LastUsedAt;
        }
    }

    public void Used(ModelDefinition model, DateTimeOffset at)
    {
        if (!_states.TryGetValue(model.FullName, out var state))
            return;
        lock (state)
        {
            if (at > state.LastUsedAt)
                state.LastUsedAt = at;
        }
    }
}
