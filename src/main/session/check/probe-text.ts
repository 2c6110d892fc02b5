/** Plain English for the checks: what any model of language has a firm opinion about, so that figures mean something. */
export const PROBE_TEXT = `The harbour of the old town lies open to the west, and in winter the wind brings rain for weeks. \
Fishing boats leave before sunrise and come back in the early afternoon, when the market on the quay begins. People buy \
what was caught the same morning; what is left over goes to the restaurants behind the church. In summer the town is a \
different place. Visitors arrive by train, rent bicycles at the station and ride along the coast to the lighthouse, which \
was built in 1862 and has been a museum since the light was replaced by an automatic one. From its gallery one sees three \
islands. The largest has a village of ninety people, a school with two teachers and a ferry that crosses four times a day. \
The second is a reserve for birds: nobody may land there between March and August. The third belongs to the university, \
which keeps a small station for measuring tides and temperatures. Its figures go back more than a hundred years. They \
show that the sea has become warmer by more than a degree, and that storms come later in the year than they used to. The \
council of the town has begun to raise the walls of the harbour. The work will take six years and costs more than the \
town earns in two, so that the state pays half of it. Not everybody agrees. Some say that the money should be spent on \
the school, others that the walls will spoil the view; but nobody has forgotten the night when the water stood in the \
church as high as the altar.
`
