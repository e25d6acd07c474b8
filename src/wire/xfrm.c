#include "wire/wire.h"
const struct wire xfrm_wire = { .name = "xfrm" };
