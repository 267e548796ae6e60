using GenApi.Core.Generations;
using GenApi.Core.Generations.Queueing;

namespace GenApi.Tests.Doors.Repeats;

/// <summary>Tests what is known of an answer between its last byte and the end of its connection.</summary>
public sealed class WrittenAnswersTests
{
    private static readonly Guid One = new("01a22c80-0000-7000-8000-000000000001"), Other = new("01a22c80-0000-7000-8000-000000000002");

    private readonly WrittenAnswers _answers = new();

    [Fact]
    public void A_reset_is_asked_for_when_a_repeat_comes_and_not_before()
    {
        var isReset = false;
        var answer = Answer(() => isReset, One, Other);
        _answers.Add(answer);
        Assert.False(_answers.WasReset(One));

        isReset = true;

        Assert.True(_answers.WasReset(One));
        Assert.True(_answers.WasReset(Other));
        _answers.Remove(answer);
        Assert.False(_answers.WasReset(One));
    }

    [Fact]
    public void The_last_answer_counts_and_the_end_of_an_earlier_one_does_not_take_it_away()
    {
        var (first, second) = (Answer(() => true, One), Answer(() => false, One));
        _answers.Add(first);
        _answers.Add(second);
        Assert.False(_answers.WasReset(One));

        _answers.Add(first);
        _answers.Remove(second);

        Assert.True(_answers.WasReset(One));
    }

    [Fact]
    public void Without_a_way_to_ask_nothing_is_kept()
    {
        _answers.Add(Answer(null, One));

        Assert.False(_answers.WasReset(One));
    }

    private static PendingAnswer Answer(Func<bool>? wasReset, params Guid[] generations)
    {
        var answer = new PendingAnswer { WasReset = wasReset };
        foreach (var generation in generations)
            answer.Add(generation);
        return answer;
    }
}
